import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunTool } from "../commands/run-tool.ts";
import { nodeAddresses } from "./node-addresses.ts";

const step = { jobId: "1", restartCount: 0, node: 1, nodeCount: 3, nodeList: "n[0-2]" };

/** A scontrol that knows these nodes, by name and NodeAddr. */
function scontrol(nodes: Readonly<Record<string, string>>): RunTool {
  return (argv) => {
    const stdout = argv.includes("hostnames")
      ? Object.keys(nodes).join("\n")
      : Object.entries(nodes)
          // Slurm prints nodes in an order of its own.
          .toReversed()
          .map(([name, address]) => `NodeName=${name} Gres=(null) NodeAddr=${address}`)
          .join("\n");
    return Promise.resolve({ exitCode: 0, stdout: `${stdout}\n`, stderr: "" });
  };
}

test("nodeAddresses() takes the addresses that Slurm has, in the order of the nodes", async () => {
  const runTool = scontrol({ n0: "10.0.0.10", n1: "10.0.0.11", n2: "10.0.0.12" });
  assert.deepEqual(await nodeAddresses(step, { runTool }), [
    { hostname: "n0", address: "10.0.0.10" },
    { hostname: "n1", address: "10.0.0.11" },
    { hostname: "n2", address: "10.0.0.12" },
  ]);
});

test("nodeAddresses() looks names up, and gives a node that is loopback to itself the address others see", async () => {
  const runTool = scontrol({ n0: "n0", n1: "n1", n2: "n2" });
  const found = await nodeAddresses(step, {
    runTool,
    resolveName: (name) =>
      Promise.resolve(
        { n0: ["fd00::1", "10.0.0.12", "10.0.0.10"], n1: ["127.0.1.1"], n2: ["fd00::2"] }[name] ??
          [],
      ),
    sourceAddress: (remote) => Promise.resolve(remote === "10.0.0.10" ? "10.0.0.11" : undefined),
  });
  assert.deepEqual(
    found.map(({ address }) => address),
    ["10.0.0.10", "10.0.0.11", "fd00::2"],
  );
});

test("nodeAddresses() finds an address of its own where it is the only node", async () => {
  const alone = { ...step, node: 0, nodeCount: 1, nodeList: "n0" };
  const found = await nodeAddresses(alone, {
    runTool: scontrol({ n0: "n0" }),
    resolveName: () => Promise.resolve(["127.0.1.1"]),
    sourceAddress: (remote) => Promise.resolve(remote === undefined ? "10.0.0.7" : undefined),
  });
  assert.deepEqual(found, [{ hostname: "n0", address: "10.0.0.7" }]);
});

test("nodeAddresses() says which node has no address that others reach", async () => {
  const refused = (resolveName: (name: string) => readonly string[], message: RegExp) =>
    assert.rejects(
      nodeAddresses(step, {
        runTool: scontrol({ n0: "n0", n1: "n1", n2: "n2" }),
        resolveName: (name) => Promise.resolve(resolveName(name)),
        sourceAddress: () => Promise.resolve(undefined),
      }),
      { code: "NODE_ADDRESS_UNKNOWN", message },
    );
  await refused((name) => (name === "n2" ? ["127.0.0.1"] : ["10.0.0.1"]), /"n2"/);
  await refused((name) => (name === "n1" ? ["127.0.1.1"] : ["10.0.0.1"]), /"n1"/);
});

test("nodeAddresses() passes on what Slurm says when it does not answer", async () => {
  const stderr = "slurm_load_node error: Unable to contact slurm controller (connect failure)";
  await assert.rejects(
    nodeAddresses(step, { runTool: () => Promise.resolve({ exitCode: 1, stdout: "", stderr }) }),
    { code: "SLURM_TOOL_FAILED", message: /Unable to contact slurm controller/ },
  );
});
