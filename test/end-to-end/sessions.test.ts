/** Many sessions on two ranks: every answer right, each session on one rank. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { startDeployment, type Deployment } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { readMetric } from "../support/metrics.ts";

const sessionCount = 64;
const turnCount = 3;
const model = "penstock/reverse-moe";
const words = JSON.parse(
  readFileSync(new URL("../truth/held-out-words.json", import.meta.url), "utf8"),
) as string[];
let deployment: Deployment;

before(async () => {
  deployment = await startDeployment({ rankCount: 2 });
});
after(() => deployment?.stop());

test("64 concurrent sessions on dp = 2 get right answers, each from one rank", async () => {
  const sessions = await Promise.all(
    Array.from({ length: sessionCount }, (_, index) => converse(index)),
  );
  const wrong = sessions.flatMap(({ turns }) =>
    turns.filter(({ answer, wanted }) => answer !== wanted),
  );
  assert.deepEqual(wrong, []);
  for (const { turns } of sessions) assert.equal(new Set(turns.map(({ rank }) => rank)).size, 1);
  assert.deepEqual(new Set(sessions.map(({ turns }) => turns[0]?.rank)), new Set(["0", "1"]));
  await eventually(
    "the load to be zero",
    async () =>
      (await readMetric(deployment.url, "penstock_router_requests_in_flight")) === 0 || undefined,
  );
});

async function converse(index: number) {
  const messages: { role: "user" | "assistant"; content: string }[] = [];
  const turns: { rank: string | null; answer: string | null | undefined; wanted: string }[] = [];
  for (let turn = 0; turn < turnCount; turn++) {
    const word = words[index * turnCount + turn]!;
    messages.push({ role: "user", content: `Reverse: ${word}` });
    const { data, response } = await deployment.client.chat.completions
      .create(
        { model, messages, temperature: 0, max_tokens: 32 },
        { headers: { "X-Session-ID": `session-${index}` } },
      )
      .withResponse();
    const answer = data.choices[0]?.message.content;
    messages.push({ role: "assistant", content: answer ?? "" });
    turns.push({
      rank: response.headers.get("x-penstock-rank"),
      answer,
      wanted: word.split("").toReversed().join(""),
    });
  }
  return { turns };
}
