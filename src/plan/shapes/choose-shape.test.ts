import assert from "node:assert/strict";
import { test } from "node:test";
import { configOf } from "../test-support/config-of.ts";
import { chooseShape } from "./choose-shape.ts";

const slurm = "--slurm.partition=p";

/** The shape, its nodes, and the instances as "role ranks×tp". */
async function shapeOf(...words: readonly string[]) {
  const { shape, nodeCount, replicas } = chooseShape(await configOf(...words), true);
  const instances = replicas.flatMap((replica) => replica.instances);
  const drawn = instances.map(({ role, ranks, tp }) => `${role} ${ranks.length}×${tp}`);
  return [shape, nodeCount, drawn.join(", ")];
}

test("chooseShape() puts everything on one node unless told otherwise", async () => {
  assert.deepEqual(await shapeOf("--parallel.tp=2", "--parallel.dp=3"), [
    "single_node",
    1,
    "both 3×2",
  ]);
});

test("chooseShape() makes one instance of several nodes with expert parallelism only", async () => {
  const words = [slurm, "--deployment.type=multi_node", "--parallel.dp=8"];
  assert.deepEqual(await shapeOf(...words), ["multi_node", 2, "both 8×1, both 8×1"]);
  const wide = [...words, "--enable-expert-parallel"];
  assert.deepEqual(await shapeOf(...wide), ["wide_ep", 2, "both 8×1"]);
});

test("chooseShape() fills the nodes of prefill and decode, each role by its own sizes", async () => {
  const words = [slurm, "--deployment.type=disaggregated", "--deployment.num-decode-nodes=2"];
  assert.deepEqual(await shapeOf(...words, "--deployment.prefill-tp=8", "--parallel.tp=4"), [
    "disaggregated",
    3,
    "prefill 1×8, decode 4×4",
  ]);
});

test("chooseShape() cuts pools into workers, role by role", async () => {
  const words = ["--pd-disagg.prefill-gpu-ids=[0,1,2,3]", "--pd-disagg.decode-gpu-ids=[4,5]"];
  assert.deepEqual(await shapeOf(...words, "--parallel.tp=2", "--pd-disagg.decode-tp=1"), [
    "pd_disagg",
    1,
    "prefill 1×2, prefill 1×2, decode 1×1, decode 1×1",
  ]);
});

test("chooseShape() gives each replica nodes of its own", async () => {
  const words = [slurm, "--deployment.num-replicas=3", "--parallel.dp=2"];
  assert.deepEqual(await shapeOf(...words), ["single_node", 3, "both 2×1, both 2×1, both 2×1"]);
});
