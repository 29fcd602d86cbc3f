import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertGolden } from "../routers/test-support/golden.ts";
import {
  mooncakeDefaultLeaseMs,
  mooncakeDefaultPorts,
  type MooncakeOptions,
  mooncakeStore,
} from "./mod.ts";

const options: MooncakeOptions = {
  headNode: 0,
  nodes: [0, 1],
  ports: mooncakeDefaultPorts,
  protocol: "rdma",
  deviceNames: "",
  segmentBytes: 128_000_000_000,
  diskPath: null,
  leaseMs: mooncakeDefaultLeaseMs,
  outputDirectory: "/out",
  startTimeoutMs: 600_000,
};

test("mooncakeStore() is the reviewed store in memory, over RDMA", (t) => {
  assertGolden(t, "mooncake/memory.json", mooncakeStore(options));
});

test("mooncakeStore() is the reviewed store on disk, over TCP", (t) => {
  const store = mooncakeStore({
    ...options,
    protocol: "tcp",
    deviceNames: "eth0",
    diskPath: "/scratch/kv",
  });
  assertGolden(t, "mooncake/disk.json", store);
});

test("mooncakeStore() puts one client on each node, and all look to the one master", () => {
  const nodeLists = fc.uniqueArray(fc.nat(2000), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(nodeLists, (nodes) => {
      const headNode = nodes[0]!;
      const { clients } = mooncakeStore({ ...options, nodes, headNode });
      assert.deepEqual(
        clients.map(({ node }) => node),
        nodes,
      );
      for (const { argv, node, files, engineEnv } of clients) {
        assert.ok(argv.includes(`-host={node:${node}}`));
        assert.ok(argv.includes(`-master_server_address={node:${headNode}}:50051`));
        const [file] = files;
        assert.equal(engineEnv["MOONCAKE_CONFIG_PATH"], `/out/${file!.path}`);
        const config = JSON.parse(file!.content) as Record<string, unknown>;
        assert.equal(config["master_server_address"], `{node:${headNode}}:50051`);
        assert.equal(config["metadata_server"], `http://{node:${headNode}}:8080/metadata`);
      }
    }),
  );
});
