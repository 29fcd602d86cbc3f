import { flagWords, type JsonTable, type JsonValue, type VllmFlags } from "./flag-words.ts";
import type { Written } from "./written.ts";

const nameForm = /^[a-z][a-z0-9_-]*(?:\.\w+)*$/;

/** Flags that say what other processes and their ports are: only the plan as a whole can. */
const planned =
  /^--(?:data-parallel-(?:size|size-local|rank|start-rank|address|rpc-port|(?:hybrid|external|multi-port-external)-lb)|nnodes|node-rank|master-addr|master-port|uds)$/;
/** Flags that are passed on although nothing can come of them here, and why. */
const useless: Readonly<Record<string, string>> = {
  "--headless": "takes the HTTP endpoint away that the router and /health need",
};
/** Flags that undo one of ours under another name. */
const sameAs: Readonly<Record<string, string>> = {
  "--model-tag": "--model",
  "--kv-offloading-size": "--kv-transfer-config",
  "--kv-offloading-backend": "--kv-transfer-config",
  "--device-memory-utilization": "--gpu-memory-utilization",
};

/**
 * The words of `vllm_extra`, flags of vLLM by name. What the command says anyway is left out and told; what it says
 * otherwise is a mistake that shows both.
 */
export function extraWords(extra: JsonTable, own: VllmFlags): Written<readonly string[]> {
  const ownByMeaning = new Map(
    Object.entries(own)
      .map(([flag, value]) => [meaningOf(flag), flagWords(flag, value)] as const)
      .filter(([, words]) => words.length > 0),
  );
  const keyByFlag = new Map<string, string>();
  const verdicts = Object.entries(extra).map(([key, value]) => {
    const flag = flagOf(key);
    const twin = keyByFlag.get(flag);
    keyByFlag.set(flag, key);
    const twinMistake =
      twin === undefined ? undefined : `Expected each flag once: "${twin}" is the same flag`;
    const mistake = nameForm.test(key) ? twinMistake : "Expected the name of a flag";
    const verdict: Verdict =
      mistake === undefined ? judge(flag, value, ownByMeaning.get(meaningOf(flag))) : { mistake };
    return { key, ...verdict };
  });
  return {
    value: verdicts.flatMap(({ words }) => words ?? []),
    notices: [
      ...verdicts
        .filter(({ isSaid }) => isSaid === true)
        .map(({ key }) => `"${key}" of vllm_extra says what the command says without it`),
      ...verdicts.flatMap(({ key, words = [] }) => {
        const reason = useless[words[0] ?? ""];
        return reason === undefined ? [] : [`"${key}" of vllm_extra ${reason}`];
      }),
    ],
    mistakes: verdicts.flatMap(({ key, mistake }) =>
      mistake === undefined ? [] : [{ option: `vllmExtra.${key}`, message: mistake }],
    ),
  };
}

/** What becomes of one key: its words, a mistake, or nothing because our own words say the same. */
interface Verdict {
  readonly words?: readonly string[];
  readonly mistake?: string;
  readonly isSaid?: boolean;
}

function judge(flag: string, value: JsonValue, ours: readonly string[] | undefined): Verdict {
  if (planned.test(meaningOf(flag)))
    return { mistake: `Expected no "${flag}": the plan decides it for every process` };
  const words = flagWords(flag, value);
  if (ours === undefined || words.length === 0) return { words };
  if (ours.join("\0") === words.join("\0")) return { isSaid: true };
  return {
    mistake: `Expected no second word on it: the command has "${ours.join(" ")}" and vllm_extra says "${words.join(" ")}"`,
  };
}

/** "max_num_seqs" as "--max-num-seqs"; keys inside a JSON flag keep their spelling. */
function flagOf(key: string): string {
  const [name = "", ...path] = key.split(".");
  return ["--" + name.replaceAll("_", "-"), ...path].join(".");
}

/** One name for a flag, its opposite, its aliases and the keys inside it. */
function meaningOf(flag: string): string {
  const name = flag.split(".", 1)[0]!;
  const positive = name.replace(/^--no-/, "--").replace(/^--disable-/, "--enable-");
  return sameAs[positive] ?? positive;
}
