import { type RayApp, rayApp, type RayEngine, type RayEngines } from "./ray/mod.ts";
import type { Plan, PlannedProcess, ProcessRole } from "./types.ts";

/** Where the application's configuration goes in the output directory. */
export const rayFile = "ray/serve.json";

/** Arguments of `vllm serve` that its engine does not know. */
const serverArgs = new Set(["enable_scale_out"]);

/** The same deployment as a Ray Serve application, where Ray places the engines; null for the embedded engine. */
export function rayServe(
  plan: Plan,
  { host, port }: { readonly host: string; readonly port: number },
): RayApp | null {
  if (plan.engine !== "vllm") return null;
  return rayApp({
    modelName: plan.model.name,
    modelSource: plan.model.source,
    engines: enginesOf(plan),
    acceleratorType: null,
    host,
    port,
    path: rayFile,
  });
}

function enginesOf(plan: Plan): RayEngines {
  const prefill = engineOf(plan, "prefill");
  const decode = engineOf(plan, "decode");
  if (prefill !== undefined && decode !== undefined)
    return { kind: "disaggregated", prefill, decode };
  return { kind: "regular", engine: engineOf(plan, "both")! };
}

/** The engine of a role: all its ranks have the same arguments, but for those that Ray decides. */
function engineOf({ instances, nodes }: Plan, role: ProcessRole): RayEngine | undefined {
  const ofRole = instances.filter((instance) => instance.role === role);
  const rank = nodes
    .flatMap(({ processes }) => processes)
    .find((process) => process.kind === "engine" && process.role === role);
  if (rank === undefined) return undefined;
  const replicaCount = ofRole.reduce(
    (count, { dataParallel, dataParallelSize }) =>
      count + (dataParallel === null ? dataParallelSize : 1),
    0,
  );
  return { engineArgs: engineArgsOf(rank), env: rank.env, replicaCount };
}

/** `--max-num-seqs 8 --enforce-eager` as `{ max_num_seqs: 8, enforce_eager: true }`. */
export function engineArgsOf({ argv }: Pick<PlannedProcess, "argv">): RayEngine["engineArgs"] {
  const first = argv.findIndex((word) => word.startsWith("--"));
  const args: Record<string, unknown> = {};
  let flag = "";
  for (const word of first === -1 ? [] : argv.slice(first))
    if (word.startsWith("--")) {
      flag = word.slice(2).replaceAll("-", "_");
      args[flag.replace(/^no_/, "")] = !flag.startsWith("no_");
    } else {
      const known = args[flag];
      const value = valueOf(word);
      args[flag] = known === true ? value : [known, value].flat();
    }
  return Object.fromEntries(Object.entries(args).filter(([name]) => !serverArgs.has(name)));
}

/** Numbers, tables and lists of tables as such; any other word is a text. */
function valueOf(word: string): unknown {
  if (!/^[-\d[{]/.test(word)) return word;
  try {
    return JSON.parse(word) as unknown;
  } catch {
    return word; // A text that only begins like JSON, as `{node:3}` does.
  }
}
