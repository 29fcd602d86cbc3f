import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { type NodeStatus, parseNodeStatus } from "../files/node-status.ts";
import { StatusWriter } from "./status-writer.ts";

function scratch(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-status-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "node-1.json");
}

function status(phase: "starting" | "ready"): Omit<NodeStatus, "writtenAtMs"> {
  return {
    id: "job12-node1",
    pid: 1,
    hostname: "x1",
    startedAtMs: 0,
    shape: "multi_node",
    engine: "embedded",
    model: "m",
    outputDirectory: "/o",
    logDirectory: "/o/logs",
    endpoints: { client: [], ranks: [] },
    slurm: { jobId: "12", node: 1 },
    nodeName: "x1",
    penstockCommand: ["node", "penstock.js"],
    view: { phase, processes: [] },
  };
}

test("StatusWriter writes the last word when it closes, on one line", async (context) => {
  const file = scratch(context);
  let phase: "starting" | "ready" = "starting";
  const writer = new StatusWriter({ file, status: () => status(phase), onError: assert.fail });
  phase = "ready";
  writer.changed();
  await writer.close();
  const text = readFileSync(file, "utf8");
  assert.equal(text.trimEnd().includes("\n"), false);
  const found = parseNodeStatus(text);
  assert.equal(found?.view.phase, "ready");
  assert.ok(found.writtenAtMs > 0);
});

test("StatusWriter writes changes close together once, and signs of life without a change", async (context) => {
  const file = scratch(context);
  let asked = 0;
  const enough = Promise.withResolvers<void>();
  const writer = new StatusWriter({
    file,
    status: () => {
      if (++asked === 3) enough.resolve();
      return status("ready");
    },
    onError: assert.fail,
    heartbeatMs: 10,
    intervalMsMin: 5,
  });
  for (let change = 0; change < 100; change++) writer.changed();
  assert.equal(asked, 0);
  // The writer alone does not keep a process alive.
  const alive = setTimeout(() => enough.reject(new Error("no sign of life in 20 s")), 20_000);
  await enough.promise;
  clearTimeout(alive);
  await writer.close();
});

test("StatusWriter goes on where its file cannot be written", async (context) => {
  const file = join(scratch(context), "none", "node-1.json");
  const errors: Error[] = [];
  const onError = (error: Error): number => errors.push(error);
  const writer = new StatusWriter({ file, status: () => status("ready"), onError });
  await writer.close();
  assert.match(errors[0]!.message, /ENOENT|ENOTDIR/);
});
