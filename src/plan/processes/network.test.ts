import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeAddress } from "../node-address.ts";
import { PortBook } from "../ports.ts";
import { multiplyReplica } from "../shapes/deployment-shape.ts";
import { wideEp } from "../shapes/wide-ep.ts";
import { layNetwork, type NetworkOptions } from "./network.ts";

const http = { port: 8100, flag: "--server.port" };
const options: NetworkOptions = {
  hostOf: nodeAddress,
  http: { both: http, prefill: http, decode: http },
  sidecar: { both: null, prefill: null, decode: null },
  rpc: { port: 29_550, flag: "--rpc" },
  events: null,
  transfer: () => null,
};

function lay(isGrouped: boolean, change: Partial<NetworkOptions> = {}) {
  const replica = wideEp({ nodeCount: 2, tp: 1, dpLocal: 2 });
  const shape = multiplyReplica(replica, { replicaCount: 1, isGrouped });
  return layNetwork(shape, new PortBook(), { ...options, ...change })[0]!.instances[0]!;
}

test("layNetwork() lets the ranks of a group meet at its first node", () => {
  const { meeting, ranks } = lay(true);
  assert.deepEqual(meeting, {
    sizeLocal: 2,
    address: "{node:0}",
    rpcPort: 29_550,
    startRanks: [0, 2],
  });
  assert.deepEqual(
    ranks.map(({ host, ports }) => [host, ...ports.map(({ port }) => port)]),
    [
      ["{node:0}", 8100, 29_550],
      ["{node:0}", 8101],
      ["{node:1}", 8100],
      ["{node:1}", 8101],
    ],
  );
});

test("layNetwork() counts the ports that vLLM moves by the rank for groups only", () => {
  const transfer = () => ({ port: 5600, flag: "--kv", count: 1 });
  const indexes = (isGrouped: boolean) =>
    lay(isGrouped, { transfer }).ranks.map(({ dataParallelIndex, transferPort }) => [
      dataParallelIndex,
      transferPort,
    ]);
  assert.deepEqual(indexes(true), [
    [0, 5600],
    [1, 5601],
    [2, 5600],
    [3, 5601],
  ]);
  assert.deepEqual(indexes(false), [
    [0, 5600],
    [0, 5601],
    [0, 5600],
    [0, 5601],
  ]);
});

test("layNetwork() lets a rank with a sidecar listen on every address of its node", () => {
  const sidecar = { ...options.sidecar, both: { port: 8200, flag: "--server.port" } };
  const [rank] = lay(false, { sidecar }).ranks;
  assert.deepEqual([rank!.host, rank!.bindHost], ["{node:0}", "0.0.0.0"]);
  assert.deepEqual([rank!.httpPort, rank!.entryPort], [8100, 8200]);
});
