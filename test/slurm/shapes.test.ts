/** Every shape under Slurm, as its example says, each answering right through its routers. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { ask, reversed, type ChatMessage } from "../support/ask.ts";
import { eventually } from "../support/eventually.ts";
import { heldOutWords } from "../support/held-out-words.ts";
import { readMetric } from "../support/metrics.ts";
import { assertNothingLeft } from "../support/slurm-lab/assert-nothing-left.ts";
import { ServedJob } from "../support/slurm-lab/served-job.ts";
import { startSlurmLab, type SlurmLab } from "../support/slurm-lab/slurm-lab.ts";

const words = heldOutWords();
const turnCount = 3;
const leaseMsMax = 60_000;
let lab: SlurmLab;

before(async () => {
  lab = await startSlurmLab({ nodeCount: 12, gpusPerNode: 2 });
});
afterEach(() => lab.cancelAll());
after(() => lab?.close());

interface Shape {
  readonly name: string;
  readonly words: readonly string[];
  readonly routerCount: number;
  readonly rankCount: number;
  /** Ranks that answer clients, behind each router. */
  readonly answeringRankCount: number;
  readonly hasPrefill: boolean;
}

const shapes: readonly Shape[] = [
  {
    name: "multi-replica",
    words: ["@", "examples/slurm-multi-replica.toml"],
    routerCount: 1,
    rankCount: 4,
    answeringRankCount: 4,
    hasPrefill: false,
  },
  {
    name: "wide-ep",
    words: ["@", "examples/slurm-wide-ep.toml"],
    routerCount: 1,
    rankCount: 4,
    answeringRankCount: 4,
    hasPrefill: false,
  },
  {
    name: "disaggregated",
    words: ["@", "examples/slurm-disaggregated.toml"],
    routerCount: 1,
    rankCount: 12,
    answeringRankCount: 4,
    hasPrefill: true,
  },
  {
    name: "two-replicas",
    words: ["@", "examples/slurm-disaggregated.toml", "--deployment.num-replicas", "2"],
    routerCount: 2,
    rankCount: 24,
    answeringRankCount: 4,
    hasPrefill: true,
  },
];

for (const shape of shapes)
  test(`${shape.name}: right answers from every rank through every router, sessions stay, scancel ends it`, async () => {
    const job = new ServedJob({ lab, name: shape.name, words: shape.words });
    const endpoints = await job.ready();
    assert.equal(endpoints.client.length, shape.routerCount);
    assert.equal(endpoints.ranks.length, shape.rankCount);
    for (const url of endpoints.client) {
      await answersEveryForm(url, shape);
      await keepsSessions(url, shape);
    }
    if (shape.hasPrefill) for (const rank of endpoints.ranks) await untilFree(rank);
    await job.cancel();
    await job.ended();
    await assertNothingLeft(lab);
  });

async function answersEveryForm(url: string, { hasPrefill }: Shape): Promise<void> {
  const forms = (["chat", "completions"] as const).flatMap((kind) =>
    [false, true].map((stream) => ({ kind, stream })),
  );
  await Promise.all(
    forms.map(async (form, index) => {
      const word = words[index]!;
      const { text, ending, status, error, headers } = await ask({ url, word, ...form });
      const found = { ...form, status, error, ending, text };
      assert.deepEqual(found, {
        ...form,
        status: 200,
        error: "",
        ending: "whole",
        text: reversed(word),
      });
      assert.match(headers.get("x-penstock-rank") ?? "", /^\d+$/);
      if (hasPrefill) assert.match(headers.get("x-penstock-prefill-rank") ?? "", /^\d+$/);
    }),
  );
}

/** Blocks that were prefilled for somebody are held until they are fetched, or until their lease is over. */
async function untilFree(rank: string): Promise<void> {
  const isFree = async (): Promise<boolean> => (await readMetric(rank, "penstock_kv_leases")) === 0;
  await eventually(`${rank} to hold no lease`, isFree, leaseMsMax);
}

/** Eight sessions a rank, so that every rank has one. */
async function keepsSessions(url: string, shape: Shape): Promise<void> {
  const sessions = await Promise.all(
    Array.from({ length: shape.answeringRankCount * 8 }, (_, index) => converse(url, index)),
  );
  for (const { decode, prefill } of sessions) {
    assert.equal(decode.size, 1, `answered by ranks ${[...decode].join(", ")}`);
    assert.ok(prefill.size <= 1, `prefilled by ranks ${[...prefill].join(", ")}`);
  }
  const answering = new Set(sessions.flatMap(({ decode }) => [...decode]));
  assert.equal(answering.size, shape.answeringRankCount);
}

interface SessionRanks {
  readonly decode: ReadonlySet<string>;
  readonly prefill: ReadonlySet<string>;
}

/** The ranks that answered the turns of one session. */
async function converse(url: string, index: number): Promise<SessionRanks> {
  const history: ChatMessage[] = [];
  const decode = new Set<string>();
  const prefill = new Set<string>();
  for (let turn = 0; turn < turnCount; turn++) {
    const word = words[index * turnCount + turn]!;
    const headers = { "x-session-id": `session-${index}` };
    const answer = await ask({ url, word, kind: "chat", stream: turn % 2 === 1, headers, history });
    assert.equal(answer.text, reversed(word), answer.error);
    history.push({ role: "user", content: `Reverse: ${word}` });
    history.push({ role: "assistant", content: answer.text });
    decode.add(answer.headers.get("x-penstock-rank") ?? "none");
    const prefillRank = answer.headers.get("x-penstock-prefill-rank");
    if (prefillRank !== null) prefill.add(prefillRank);
  }
  return { decode, prefill };
}
