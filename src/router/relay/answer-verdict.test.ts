import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { defaultHealthOptions } from "../ranks/health-checks.ts";
import { type HealthReport, HealthReports } from "../ranks/health-report.ts";
import { RankTable } from "../ranks/rank-table.ts";
import { startRank, startRawRank } from "../test-support/test-rank.ts";
import { startTestRouter } from "../test-support/test-router.ts";
import { AnswerVerdict } from "./answer-verdict.ts";

function setUp() {
  const table = new RankTable([{ index: 0, url: "http://a:1" }]);
  const reports: HealthReport[] = [];
  const health = new HealthReports(table, (report) => reports.push(report));
  return { reports, verdict: new AnswerVerdict(health, 0), goodAnswers: table.memory.goodAnswers };
}

const head = "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\n\r\n";

test("AnswerVerdict calls an answer good as soon as its status says so, and once", () => {
  const { verdict, reports, goodAnswers } = setUp();
  verdict.take(Buffer.from("HTTP/1.1 2"), undefined);
  assert.equal(goodAnswers[0], 0);
  verdict.take(Buffer.from("00 OK\r\n\r\n"), 200);
  verdict.take(Buffer.from("more"), 200);
  verdict.end(200);
  assert.deepEqual([goodAnswers[0], reports], [1, []]);
});

test("AnswerVerdict waits for the words of a bad answer, in however many chunks they come", () => {
  const { verdict, reports, goodAnswers } = setUp();
  const words = "This model's maximum context length is 4096 tokens";
  for (const chunk of [head, ...words.split("")]) verdict.take(Buffer.from(chunk), 500);
  verdict.end(500);
  assert.deepEqual([goodAnswers[0], reports], [1, []]);
});

test("AnswerVerdict blames the rank for a bad answer that names no fault of the client", () => {
  const { verdict, reports } = setUp();
  verdict.take(Buffer.from(head), 500);
  assert.deepEqual(reports, []);
  verdict.end(500);
  assert.deepEqual(reports, [{ kind: "fault", slot: 0, reason: "it answered 500" }]);
});

test("AnswerVerdict judges a long answer by its beginning", () => {
  const { verdict, reports } = setUp();
  for (let count = 0; count < 5; count++) verdict.take(Buffer.alloc(1_000, "x"), 503);
  assert.equal(reports.length, 1);
  verdict.end(503);
  assert.equal(reports.length, 1);
});

/** A rank that answers everything so. */
function answering(status: number, message: string): RequestListener {
  return (request, response) => {
    request.resume().on("end", () => {
      const body = JSON.stringify({
        error: { message, type: "InternalServerError", code: status },
      });
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
  };
}

const health = { quarantineMsMin: 60_000 };

async function ask(url: string, times: number): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let count = 0; count < times; count++) {
    const response = await fetch(`${url}/v1/completions`, { method: "POST", body: "{}" });
    await response.arrayBuffer();
    statuses.push(response.status);
  }
  return statuses;
}

test("a rank that answers 500 is put into quarantine, and the others serve", async () => {
  await using broken = await startRank(answering(500, "EngineCore encountered an issue"));
  await using well = await startRank((_request, response) => response.end("{}"));
  await using router = await startTestRouter([broken, well], { health });
  const statuses = await ask(router.url, 40);
  const faultCount = statuses.filter((status) => status === 500).length;
  // Round robin: the good answers of the other rank are not counted for this one.
  assert.equal(faultCount, defaultHealthOptions.faultsMax);
  const [first] = router.status();
  assert.deepEqual([first?.state, first?.reason], ["quarantined", "it answered 500"]);
  await router.settles();
});

for (const [what, status, message] of [
  ["500 for a prompt that is too long", 500, "The maximum context length is 8 tokens"],
  ["404", 404, "The model `x` does not exist."],
  ["501", 501, "beam search"],
] as const) {
  test(`a rank that answers ${what} stays in use`, async () => {
    await using rank = await startRank(answering(status, message));
    await using other = await startRank(answering(status, message));
    await using router = await startTestRouter([rank, other], { health });
    assert.deepEqual(new Set(await ask(router.url, 20)), new Set([status]));
    assert.deepEqual(
      router.status().map(({ state }) => state),
      ["up", "up"],
    );
  });
}

test("a rank that breaks requests off is put into quarantine while its health checks go well", async () => {
  await using broken = await startRawRank((_received, { reset }) => reset());
  await using well = await startRank((_request, response) => response.end("{}"));
  await using router = await startTestRouter([broken, well], { health });
  assert.deepEqual(new Set(await ask(router.url, 20)), new Set([200]));
  assert.equal(router.status()[0]?.state, "quarantined");
  await router.settles();
});

test("the only rank serves on, whatever it answers", async () => {
  await using rank = await startRank(answering(500, "EngineCore encountered an issue"));
  await using router = await startTestRouter([rank], { health });
  assert.deepEqual(new Set(await ask(router.url, 20)), new Set([500]));
  assert.equal((await fetch(`${router.url}/health`)).status, 200);
});

test("a rank comes out of quarantine by the one request that tries it out", async () => {
  let isWell = false;
  const bad = answering(500, "EngineCore encountered an issue");
  await using rank = await startRank((request, response) =>
    isWell ? response.end("{}") : bad(request, response),
  );
  await using other = await startRank((_request, response) => response.end("{}"));
  await using router = await startTestRouter([rank, other], { health: { quarantineMsMin: 20 } });
  for (let count = 0; count < 1_000 && router.status()[0]?.state !== "quarantined"; count++)
    await ask(router.url, 1);
  isWell = true;
  for (let count = 0; count < 10_000 && router.status()[0]?.state !== "up"; count++)
    await ask(router.url, 1);
  assert.equal(router.status()[0]?.state, "up");
});
