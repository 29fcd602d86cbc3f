import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { text } from "node:stream/consumers";
import { within } from "../test-support/within.ts";

const program = `
  import { AccessLog } from ${JSON.stringify(new URL("access-log.ts", import.meta.url).href)};
  import { recordOf } from ${JSON.stringify(new URL("../test-support/traced-requests.ts", import.meta.url).href)};
  import { systemClock } from ${JSON.stringify(new URL("../net/clock.ts", import.meta.url).href)};
  import { createLogger } from ${JSON.stringify(new URL("../../telemetry/mod.ts", import.meta.url).href)};
  const logger = createLogger({ name: "router", format: "json" });
  const log = await AccessLog.open("-", { clock: systemClock, epochMs: () => 0, logger });
  for (let number = 0; number < 4000; number++) log.note(recordOf({ requestId: String(number) }));
  const atMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 1));
  console.error(JSON.stringify({ waitedMs: performance.now() - atMs }));
  await log.close();
  console.error(JSON.stringify({ drops: log.drops.value }));
`;

test("standardOutput takes more lines than a pipe holds while its reader is late", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const errors = text(child.stderr);
  // The pipe is full long before the end, and its reader comes only when the program has said that it goes on.
  await within(
    "a sign that it goes on",
    new Promise((resolve) => child.stderr.once("data", resolve)),
  );
  const output = await within("its output", text(child.stdout));
  assert.match(await within("its end", errors), /"drops":0\}/);
  const lines = output.trimEnd().split("\n");
  assert.equal(lines.length, 4_000);
  for (const [number, line] of lines.entries()) {
    assert.equal((JSON.parse(line) as { request_id: string }).request_id, String(number));
  }
});
