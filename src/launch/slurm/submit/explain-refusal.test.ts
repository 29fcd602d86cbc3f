import assert from "node:assert/strict";
import { test } from "node:test";
import { isPenstockError } from "../../../errors/mod.ts";
import { parsePartition } from "../commands/parse-partition.ts";
import {
  compareWithNodes,
  explainRefusal,
  isAboutNodes,
  type JobRequest,
  refusalWords,
} from "./explain-refusal.ts";

const request: JobRequest = {
  nodeCount: 4,
  gpusPerNode: 8,
  partition: "zzz",
  account: null,
  time: null,
  nodelist: null,
  exclude: null,
};

/** What sbatch of 22.05 wrote. */
const badPartition =
  "sbatch: error: invalid partition specified: zzz\nallocation failure: Invalid partition name specified\n";

test("refusalWords() finds the sentence that counts", () => {
  assert.equal(refusalWords(badPartition), "Invalid partition name specified");
  assert.equal(
    refusalWords("sbatch: error: Batch job submission failed: Invalid qos specification\n"),
    "Invalid qos specification",
  );
  assert.equal(refusalWords(""), "");
});

test("explainRefusal() names the key, its value and Slurm's own words", () => {
  const keyOf = (words: string) => {
    const { code, facts } = explainRefusal(words, request);
    assert.equal(code, "JOB_REFUSED");
    return (facts as { key: string | null }).key;
  };
  const error = explainRefusal(refusalWords(badPartition), request);
  assert.equal(
    error.message,
    'Cannot submit the job with "slurm.partition" = "zzz": Slurm says "Invalid partition name specified"',
  );
  assert.equal(
    keyOf("Invalid account or account/partition combination specified"),
    "slurm.account",
  );
  assert.equal(
    keyOf("Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"),
    "slurm.time",
  );
  assert.equal(
    keyOf("Requested time limit is invalid (missing or exceeds some limit)"),
    "slurm.time",
  );
  assert.equal(keyOf("Invalid generic resource (gres) specification"), "deployment.gpus_per_node");
  assert.equal(keyOf("Node count specification invalid"), "deployment.num_nodes");
});

test("explainRefusal() names no key for words that are not about one", () => {
  const { message, hint } = explainRefusal("Something that nobody has heard of", request);
  assert.equal(message, 'Cannot submit the job: Slurm says "Something that nobody has heard of"');
  assert.match(hint, /"sinfo"/);
});

test("explainRefusal() says what makes a batch script too long", () => {
  const words = "Pathname of a file, directory or other parameter too long";
  assert.match(explainRefusal(words, request).hint, /max_script_size/);
});

test("explainRefusal() blames the nodes that are named, as far as any are", () => {
  const blamed = (words: string, change: Partial<JobRequest>) => {
    const { key, value } = explainRefusal(words, { ...request, ...change }).facts as {
      key: string;
      value: string;
    };
    return `${key} = ${value}`;
  };
  const unknown = "Invalid node name specified";
  assert.equal(blamed(unknown, { nodelist: "x9", exclude: "x8" }), 'slurm.nodelist = "x9"');
  assert.equal(blamed(unknown, { exclude: "x8" }), 'slurm.exclude = "x8"');
  const long = "invalid number of nodes (-N 3-2)";
  assert.equal(blamed(long, { nodelist: "x[0-2]" }), 'slurm.nodelist = "x[0-2]"');
  const left = "Requested node configuration is not available";
  assert.equal(blamed(left, { exclude: "x[0-2]" }), 'slurm.exclude = "x[0-2]"');
  assert.equal(blamed(left, {}), 'null = "None"');
});

test("compareWithNodes() tells what never fits from what only waits", () => {
  const groups = parsePartition(
    "main*|3|gpu:8|idle|up\nmain*|1|gpu:8|down*|up\nsmall|9|gpu:2|idle|up\n",
  );
  const compare = (change: Partial<JobRequest>) =>
    compareWithNodes({ ...request, partition: null, ...change }, groups);
  const messageOf = (change: Partial<JobRequest>) => {
    const error = compare(change);
    assert.ok(isPenstockError(error));
    assert.equal(error.code, "JOB_TOO_LARGE");
    return error.message;
  };
  assert.match(messageOf({ nodeCount: 9 }), /needs 9 nodes and partition "main" has 4$/);
  assert.match(messageOf({ gpusPerNode: 9 }), /needs 4 nodes with 9 GPUs and .* has 0$/);
  assert.match(messageOf({ partition: "small" }), /4 nodes with 8 GPUs .* "small" has 0$/);
  assert.match(String(compare({})), /^3 of the 4 nodes that it needs are in service/);
  assert.equal(compare({ nodeCount: 3 }), undefined);
  assert.equal(compare({ partition: "unknown" }), undefined);
});

test("isAboutNodes() tells a lack of nodes from a mistake", () => {
  assert.ok(isAboutNodes("Requested node configuration is not available"));
  assert.ok(isAboutNodes("Required node not available (down, drained or reserved)"));
  assert.ok(!isAboutNodes("Invalid partition name specified"));
});
