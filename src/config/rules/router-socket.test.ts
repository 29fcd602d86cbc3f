import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

for (const [what, words, expected] of [
  ["another router", "--router.type llm-d", /--server\.uds.*\n +Expected "None" with router\.type/],
  ["an address", "--server.host 0.0.0.0", /--server\.host.*\n +Expected no value with server\.uds/],
  ["a port", "--server.port 9000", /--server\.port.*\n +Expected no value.*backend_port/],
  ["threads", "--router.threads 2", /--router\.threads.*\n +Expected 1 with server\.uds/],
  [
    "replicas",
    "--deployment.num-replicas 2 --engine embedded",
    /--server\.uds.*\n +Expected "None" for 2 replicas/,
  ],
  [
    "nodes of a job",
    "--deployment.type multi_node --slurm.partition p",
    /--server\.uds.*\n +Expected "None" for several nodes/,
  ],
  [
    "pools with a port",
    "--pd-disagg.prefill-gpu-ids [0] --pd-disagg.decode-gpu-ids [1] --pd-disagg.proxy-port 9000",
    /--pd-disagg\.proxy-port.*\n +Expected no value with server\.uds/,
  ],
] as const)
  test(`routerSocket() refuses a Unix socket with ${what}`, async () => {
    assert.match(await reportOf(`--server.uds /run/p.sock ${words}`), expected);
  });

test("routerSocket() takes a Unix socket on one machine, and refuses a path that none can have", async () => {
  for (const words of [
    "",
    "--slurm.partition p",
    "--deployment.type multi_node --engine embedded",
    "--server.port 8000",
  ])
    assert.equal(
      (await load(`--server.uds /run/p.sock ${words}`)).config.server.uds,
      "/run/p.sock",
    );
  assert.match(
    await reportOf(`--server.uds ${"/".padEnd(108, "s")}`),
    /Expected a path of at most 107 bytes/,
  );
});
