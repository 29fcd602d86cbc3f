import assert from "node:assert/strict";
import { test } from "node:test";
import { multiplyReplica } from "./deployment-shape.ts";
import { disaggregated } from "./disaggregated.ts";

test("disaggregated() counts num_prefill_nodes a prefill instance", () => {
  const role = { nodesPerInstance: 2, tp: 8, dpLocal: 1 };
  const replica = disaggregated({ ...role, instanceCount: 2 }, { ...role, instanceCount: 1 });
  const shape = multiplyReplica(replica, { replicaCount: 3, isGrouped: true });
  assert.equal(replica.nodeCount, 6);
  assert.equal(shape.nodeCount, 18);
  const [, second] = shape.replicas;
  assert.deepEqual(
    second!.instances.map(({ id, nodes }) => [id, nodes]),
    [
      ["replica-1-prefill-0", [6, 7]],
      ["replica-1-prefill-1", [8, 9]],
      ["replica-1-decode-0", [10, 11]],
    ],
  );
  assert.equal(second!.instances[2]!.ranks[1]!.id, "replica-1-decode-0-rank-1");
});
