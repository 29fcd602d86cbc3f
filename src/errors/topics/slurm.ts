import { define } from "../definition.ts";

export const slurmErrors = {
  SBATCH_MISSING: define<{ program: string }>({
    about:
      "A program of Slurm is not on this machine, so that no job can be submitted or asked for.",
    message: ({ program }) => `Cannot reach Slurm: there is no "${program}" on PATH`,
    hint: () =>
      'Run this on a login node of the cluster, or start the deployment on this machine with "--launch local"',
  }),
  SLURM_TOOL_FAILED: define<{ program: string; reason: string }>({
    about: "A program of Slurm did not do what it was asked for.",
    message: ({ program, reason }) => `Cannot get an answer of "${program}": ${reason}`,
    hint: ({ program }) =>
      `Check that the cluster answers ("scontrol ping") and try again; "${program}" says more when run by hand`,
  }),
  JOB_REFUSED: define<{
    words: string;
    /** Null where no key of the configuration is known for these words. */
    key: string | null;
    value: string;
    listing: string;
  }>({
    about: "Slurm does not take the job; it was not submitted.",
    message: ({ words, key, value }) =>
      `Cannot submit the job${key === null ? "" : ` with "${key}" = ${value}`}: Slurm says "${words}"`,
    hint: ({ key, listing }) => (key === null ? listing : `Correct "${key}"; ${listing}`),
  }),
  JOB_TOO_LARGE: define<{
    key: string;
    what: string;
    wantedCount: number;
    foundCount: number;
    partition: string;
  }>({
    about: "The job needs more nodes, or more GPUs on each of them, than the partition has.",
    message: ({ what, wantedCount, foundCount, partition }) =>
      `Cannot submit the job: it needs ${wantedCount} ${what} and ${partition} has ${foundCount}`,
    hint: ({ key }) => `Lower "${key}" or name a larger partition with "slurm.partition"`,
  }),
  JOB_UNKNOWN: define<{ jobId: string; reason: string }>({
    about: "There is no such job, or it is none that Penstock has submitted.",
    message: ({ jobId, reason }) => `Cannot find the deployment of job ${jobId}: ${reason}`,
    hint: () => 'Look for its number with "squeue --me"; the logs of ended jobs stay in output_dir',
  }),
  OUTPUT_DIR_IN_USE: define<{ directory: string; jobId: string; state: string }>({
    about:
      "A job that is queued or runs would find the files of another one in its output directory.",
    message: ({ directory, jobId, state }) =>
      `Cannot write the job's files to "${directory}": job ${jobId}, which is ${state}, uses them`,
    hint: ({ jobId }) =>
      `Choose another directory with --output-dir, or end that job with "penstock stop ${jobId}"`,
  }),
  OUTPUT_DIR_NOT_SHARED: define<{
    action: "read the Plan" | "write the job's log";
    file: string;
    hostname: string;
    reason: string;
  }>({
    about: "A compute node does not see the output directory that the job was submitted with.",
    message: ({ action, file, hostname, reason }) =>
      `Cannot ${action} "${file}" on "${hostname}": ${reason}, and every node has to see output_dir`,
    hint: () =>
      'Give --output-dir a directory on a file system that all nodes share, or set "slurm.shared_fs = false"',
  }),
  PLAN_NOT_READABLE: define<{ file: string; reason: string }>({
    about: "What was given as a Plan is none of this version.",
    message: ({ file, reason }) => `Cannot read the Plan "${file}": ${reason}`,
    hint: () => 'Write it again with "penstock serve --dry-run"',
  }),
  SLURM_STEP_INVALID: define<{ reason: string }>({
    about: 'A "penstock node" was started other than once on each node of the Plan by srun.',
    message: ({ reason }) => `Cannot tell which node of the Plan this is: ${reason}`,
    hint: () =>
      'Start it as the batch script does that "penstock serve --dry-run" writes: one task on each node',
  }),
  NODE_ADDRESS_UNKNOWN: define<{ hostname: string; reason: string }>({
    about: "A node of the job has no address under which the others reach it.",
    message: ({ hostname, reason }) =>
      `Cannot find the address of "${hostname}" for the other nodes: ${reason}`,
    hint: () =>
      "Let the name resolve to an address of the cluster's network, or set NodeAddr in slurm.conf",
  }),
  NODE_UNREACHABLE: define<{ id: string; where: string; timeoutMs: number }>({
    about: "The head node of a job gets no answer of a process on another node.",
    message: ({ id, where, timeoutMs }) =>
      `Cannot reach "${id}" from the head node: "${where}" did not answer as ready within ${timeoutMs} ms`,
    hint: () =>
      "Read the logs of that node; if it is ready there, let the nodes reach each other on all ports",
  }),
  JOB_NODE_FAILED: define<{
    jobId: string;
    who: string;
    reason: string;
    reasonCode: string;
    reasonHint: string;
  }>({
    about:
      "A node of a job ended with an error, the first one of all; its own code is in the facts.",
    message: ({ jobId, who, reason }) =>
      `Cannot keep job ${jobId} up, ${who} failed first: ${reason}`,
    hint: ({ reasonHint, reasonCode }) => `${reasonHint} (${reasonCode})`,
  }),
  JOB_NOT_CANCELLED: define<{ jobId: string }>({
    about: "A job was cancelled and Slurm still has it; or nobody waited for its end.",
    message: ({ jobId }) =>
      `Cannot see the end of job ${jobId}: it was cancelled and is not gone yet`,
    hint: ({ jobId }) => `Look for it with "squeue -j ${jobId}"`,
  }),
  JOB_TIMED_OUT: define<{ jobId: string; timeLimit: string }>({
    about: "Slurm ended the job at its time limit.",
    message: ({ jobId, timeLimit }) =>
      `Cannot keep job ${jobId} up: it reached its time limit of ${timeLimit}`,
    hint: () => 'Give it longer with "slurm.time", as far as the partition allows',
  }),
  JOB_NODE_LOST: define<{ jobId: string; nodes: string }>({
    about: "A node of the job went down or stopped to answer.",
    message: ({ jobId, nodes }) =>
      `Cannot keep job ${jobId} up: Slurm lost a node of it (${nodes})`,
    hint: () =>
      'Look which one with "sinfo -R", leave it out with "slurm.exclude", and submit again',
  }),
  JOB_OUT_OF_MEMORY: define<{ jobId: string; where: string }>({
    about: "The system ended processes of the job because they used more memory than they may.",
    message: ({ jobId, where }) =>
      `Cannot keep job ${jobId} up: processes of it were killed for their use of memory${where}`,
    hint: () => "Use fewer ranks a node or a smaller KV cache, or ask for nodes with more memory",
  }),
  JOB_ENDED: define<{ jobId: string; state: string; lastLines: string; logFile: string }>({
    about: "The job ended and none of its nodes has said why.",
    message: ({ jobId, state, lastLines }) =>
      `Cannot keep job ${jobId} up: it ended as ${state}, the last lines of its log are${lastLines === "" ? " empty" : `:${lastLines}`}`,
    hint: ({ logFile }) => `Read its log "${logFile}"`,
  }),
  PRE_RUN_FAILED: define<{ jobId: string; who: string; exitCode: number; logFile: string }>({
    about: "The user's own command, which each node runs before Penstock, failed on a node.",
    message: ({ jobId, who, exitCode }) =>
      `Cannot start job ${jobId} on ${who}: "slurm.pre_run_command" ended with exit code ${exitCode}, where 0 is wanted`,
    hint: ({ logFile }) =>
      `Read what it said in the job's log "${logFile}", and try it on that node by hand`,
  }),
  NODE_JS_MISSING: define<{ path: string; nodes: string }>({
    about: "Node.js or Penstock is not on a compute node.",
    message: ({ path, nodes }) => `Cannot start Penstock on ${nodes}: there is no "${path}" there`,
    hint: () =>
      "Install Penstock and its Node.js on a file system that all nodes share, or under the same path on each of them",
  }),
} as const;
