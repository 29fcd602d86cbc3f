import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "../../../telemetry/mod.ts";
import { parseNodeStatus } from "../files/node-status.ts";
import { openNodeReport } from "./node-report.ts";

test("openNodeReport() goes on without a socket, and leaves the last status behind", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "ps-"));
  writeFileSync(join(directory, "file"), "");
  process.env["PENSTOCK_RUNTIME_DIR"] = join(directory, "file");
  context.after(() => {
    delete process.env["PENSTOCK_RUNTIME_DIR"];
    rmSync(directory, { recursive: true, force: true });
  });
  const lines: string[] = [];
  const write = (line: string): unknown => lines.push(line);
  const logger = createLogger({ name: "node-0", format: "text", write });
  const file = join(directory, "node-0.json");
  const controlled = {
    status: () => ({
      id: "job12-node0",
      pid: 1,
      hostname: "x0",
      startedAtMs: 0,
      shape: "multi_node",
      engine: "embedded",
      model: "m",
      outputDirectory: directory,
      logDirectory: directory,
      endpoints: { client: [], ranks: [] },
      slurm: { jobId: "12", node: 0 },
      nodeName: "x0",
      penstockCommand: [],
      view: { phase: "ended", processes: [] } as const,
    }),
    stop: assert.fail,
    stopNow: assert.fail,
    restart: assert.fail,
  };
  const report = await openNodeReport(controlled, file, logger);
  report.changed();
  await report.close();
  assert.equal(parseNodeStatus(readFileSync(file, "utf8"))?.id, "job12-node0");
  assert.match(lines.join(""), /Cannot be steered on this node/);
});
