import { PenstockError } from "../../../errors/mod.ts";
import type { NodeGroup } from "../commands/parse-partition.ts";

/** What a job asks for, as the configuration has it; null where it leaves the choice to the cluster. */
export interface JobRequest {
  readonly nodeCount: number;
  readonly gpusPerNode: number;
  readonly partition: string | null;
  readonly account: string | null;
  readonly time: string | null;
  readonly nodelist: string | null;
  readonly exclude: string | null;
}

interface Reason {
  readonly pattern: RegExp;
  readonly key: string | null | ((request: JobRequest) => string);
  readonly value: (request: JobRequest) => string | number | null;
  readonly listing: string;
}

/** Slurm does not tell whether it means a node that is asked for or one that is left out. */
const nodeNames = {
  key: ({ nodelist }: JobRequest) => (nodelist === null ? "slurm.exclude" : "slurm.nodelist"),
  value: ({ nodelist, exclude }: JobRequest) => nodelist ?? exclude,
  listing: '"sinfo -N" lists the nodes; "slurm.nodelist" and "slurm.exclude" both name some',
};

/** Slurm's sentences (`slurm_strerror` in slurm_errno.c), of which releases differ in their ends. */
const reasons: readonly Reason[] = [
  {
    pattern: /invalid account or account\/partition combination/i,
    key: "slurm.account",
    value: ({ account }) => account,
    listing: '"sacctmgr show associations user=$USER" lists the accounts you may use',
  },
  {
    pattern: /invalid partition/i,
    key: "slurm.partition",
    value: ({ partition }) => partition,
    listing: '"sinfo" lists the partitions',
  },
  {
    pattern: /time limit/i,
    key: "slurm.time",
    value: ({ time }) => time,
    listing: "\"sinfo -o '%P %l'\" lists the limits of the partitions",
  },
  {
    pattern: /invalid node name|duplicate entry in node list/i,
    ...nodeNames,
  },
  {
    // "invalid number of nodes (-N 3-2)": the list is longer than the job.
    pattern: /invalid number of nodes/i,
    ...nodeNames,
    listing: "It may name no more nodes than the deployment has",
  },
  {
    pattern: /generic resource|gres/i,
    key: "deployment.gpus_per_node",
    value: ({ gpusPerNode }) => gpusPerNode,
    listing: "\"sinfo -o '%N %G'\" lists the GPUs of the nodes",
  },
  {
    pattern: /node count specification/i,
    key: "deployment.num_nodes",
    value: ({ nodeCount }) => nodeCount,
    listing: '"sinfo" lists how many nodes a partition has',
  },
  {
    // A script of over 4 MiB, by default: between 500 and 600 nodes of eight ranks.
    pattern: /parameter too long/i,
    key: null,
    value: () => null,
    listing:
      'With "slurm.shared_fs = false" the batch script holds the whole Plan; have max_script_size raised in SchedulerParameters, or share output_dir',
  },
  {
    pattern: /account|association|qos|policy/i,
    key: "slurm.account",
    value: ({ account }) => account,
    listing: '"sacctmgr show associations user=$USER" lists the accounts you may use',
  },
];

/** What Slurm says of a job whose nodes are not to be had: ever, or just for the moment. */
const unavailable =
  /node configuration is not available|nodes? (are )?busy|node not available|partition not available|more processors requested/i;

/** The sentence that counts in what sbatch wrote. */
export function refusalWords(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const last = lines.findLast((line) => /fail|error/i.test(line)) ?? lines.at(-1) ?? "";
  return last.replace(
    /^(sbatch: )?(error: )?(Batch job submission failed: |allocation failure: )?/,
    "",
  );
}

/** Whether the job may be only too early: then the partition's nodes have to be looked at. */
export function isAboutNodes(words: string): boolean {
  return unavailable.test(words);
}

/** The error of a job that Slurm does not take: which key is the cause, and Slurm's own words. */
export function explainRefusal(words: string, request: JobRequest): PenstockError {
  const names = isAboutNodes(words) && nodeNames.value(request) !== null ? nodeNames : undefined;
  const found = reasons.find(({ pattern }) => pattern.test(words)) ?? names;
  const value = found?.value(request) ?? "None";
  const key = found?.key ?? null;
  return new PenstockError("JOB_REFUSED", {
    words,
    key: typeof key === "function" ? key(request) : key,
    value: typeof value === "string" ? `"${value}"` : String(value),
    listing:
      found?.listing ??
      'Check that Slurm answers here ("sinfo"), and try the batch script in output_dir with "sbatch --test-only"',
  });
}

/**
 * Compares what a job asks for with all nodes of its partition, in service or not: the error where it can never run;
 * a sentence where it may have to wait for nodes that are out of service; undefined where neither is the cause.
 */
export function compareWithNodes(
  request: JobRequest,
  groups: readonly NodeGroup[],
): PenstockError | string | undefined {
  const { nodeCount, gpusPerNode } = request;
  const own = groups.filter(({ partition, isDefault }) =>
    request.partition === null ? isDefault : request.partition.split(",").includes(partition),
  );
  if (own.length === 0) return undefined;
  const names = [...new Set(own.map(({ partition }) => partition))];
  const partition = `partition "${names.join(",")}"`;
  const total = sum(own);
  const tooLarge = { partition, wantedCount: nodeCount, foundCount: total };
  if (nodeCount > total)
    return new PenstockError("JOB_TOO_LARGE", {
      ...tooLarge,
      key: "deployment.num_nodes",
      what: "nodes",
    });
  const enough = own.filter(({ gpuCount }) => gpuCount >= gpusPerNode);
  if (nodeCount > sum(enough))
    return new PenstockError("JOB_TOO_LARGE", {
      ...tooLarge,
      key: "deployment.gpus_per_node",
      what: `nodes with ${gpusPerNode} GPUs`,
      foundCount: sum(enough),
    });
  const inService = sum(enough.filter((group) => group.isInService));
  if (inService >= nodeCount) return undefined;
  return `${inService} of the ${nodeCount} nodes that it needs are in service in ${partition}; the job waits for the others`;
}

function sum(groups: readonly NodeGroup[]): number {
  return groups.reduce((total, { nodeCount }) => total + nodeCount, 0);
}
