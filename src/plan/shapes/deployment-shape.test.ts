import assert from "node:assert/strict";
import { test } from "node:test";
import { type DeploymentShape, multiplyReplica } from "./deployment-shape.ts";
import { multiNode } from "./multi-node.ts";
import { pdDisagg } from "./pd-disagg.ts";
import { singleNode } from "./single-node.ts";
import { wideEp } from "./wide-ep.ts";

/** "node 0: rank-0 [0,1] rank-1 [2,3]", a line a node. */
function drawn({ nodeCount, replicas }: DeploymentShape): readonly string[] {
  const ranks = replicas.flatMap(({ instances }) => instances.flatMap(({ ranks }) => ranks));
  return Array.from({ length: nodeCount }, (_, node) => {
    const here = ranks.filter((rank) => rank.node === node);
    return [`node ${node}:`, ...here.map(({ id, gpus }) => `${id} [${gpus.join(",")}]`)].join(" ");
  });
}

const once = { replicaCount: 1, isGrouped: true };

test("singleNode() gives each rank the next GPUs of the node", () => {
  const shape = multiplyReplica(singleNode({ tp: 2, dp: 4 }), once);
  assert.deepEqual(drawn(shape), ["node 0: rank-0 [0,1] rank-1 [2,3] rank-2 [4,5] rank-3 [6,7]"]);
});

test("multiNode() puts an independent instance on each node", () => {
  const shape = multiplyReplica(multiNode({ nodeCount: 2, tp: 4, dp: 2 }), once);
  assert.deepEqual(drawn(shape), [
    "node 0: engine-0-rank-0 [0,1,2,3] engine-0-rank-1 [4,5,6,7]",
    "node 1: engine-1-rank-0 [0,1,2,3] engine-1-rank-1 [4,5,6,7]",
  ]);
});

test("wideEp() spreads the ranks of one instance over the nodes", () => {
  const shape = multiplyReplica(wideEp({ nodeCount: 2, tp: 4, dpLocal: 2 }), once);
  assert.deepEqual(drawn(shape), [
    "node 0: rank-0 [0,1,2,3] rank-1 [4,5,6,7]",
    "node 1: rank-2 [0,1,2,3] rank-3 [4,5,6,7]",
  ]);
  assert.deepEqual(shape.replicas[0]!.instances[0]!.nodes, [0, 1]);
});

test("pdDisagg() makes a worker of each tp neighbours in a pool", () => {
  const replica = pdDisagg({ gpuIds: [0, 1, 2, 3], tp: 2 }, { gpuIds: [4, 5], tp: 1 });
  assert.deepEqual(drawn(multiplyReplica(replica, once)), [
    "node 0: prefill-0-rank-0 [0,1] prefill-1-rank-0 [2,3] decode-0-rank-0 [4] decode-1-rank-0 [5]",
  ]);
});

test("multiplyReplica() groups ranks only where there are several of an instance", () => {
  const groupOf = (dp: number, isGrouped: boolean): boolean =>
    multiplyReplica(singleNode({ tp: 1, dp }), { replicaCount: 1, isGrouped }).replicas[0]!
      .instances[0]!.isGroup;
  assert.equal(groupOf(4, true), true);
  assert.equal(groupOf(4, false), false);
  assert.equal(groupOf(1, true), false);
});
