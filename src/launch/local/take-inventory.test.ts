import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { takeInventory } from "./take-inventory.ts";

test("takeInventory() finds a bundled model, the cores and the command that starts Penstock", async () => {
  const inventory = await takeInventory("penstock/reverse-moe", "embedded");
  assert.match(inventory.modelDirectory, /^\/.*\/models\/penstock\/reverse-moe$/);
  assert.ok(inventory.coreCount >= 1);
  assert.deepEqual(inventory.penstockCommand[0], process.execPath);
  assert.match(inventory.penstockCommand[1]!, /bin\/penstock\.js$/);
  assert.equal(inventory.workingDirectory, process.cwd());
});

test("takeInventory() leaves names that are no directory to vLLM", async () => {
  const { modelDirectory } = await takeInventory("owner/name", "vllm", {
    vllmExecutable: "/no/such/vllm",
  });
  assert.equal(modelDirectory, "owner/name");
  await assert.rejects(takeInventory("owner/name", "embedded"), { code: "MODEL_NOT_FOUND" });
});

test("takeInventory() sees the ports that somebody listens on", async (context) => {
  const server = createServer().listen(0, "127.0.0.1");
  context.after(() => server.close());
  await once(server, "listening");
  const { busyPorts } = await takeInventory("penstock/reverse-moe", "embedded");
  assert.ok(busyPorts.includes((server.address() as AddressInfo).port));
});
