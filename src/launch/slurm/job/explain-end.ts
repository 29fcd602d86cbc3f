import { printable } from "../../../base/mod.ts";
import { PenstockError } from "../../../errors/mod.ts";
import type { JobFacts } from "../commands/parse-job.ts";
import { firstCause, type NodeCause } from "../files/cause-file.ts";

const lastLinesMax = 20;
const lineLengthMax = 500;
const nodesNamedMax = 8;

/** What is left of a job. */
export interface JobRemains {
  readonly facts: JobFacts;
  readonly causes: readonly NodeCause[];
  /** The last lines of the job's log; empty where this machine does not see it. */
  readonly log: string;
}

/**
 * Why a job ended: the first cause of all, whoever followed; undefined for one that was told to end, by scancel or
 * from within.
 */
export function explainEnd(remains: JobRemains): PenstockError | undefined {
  const { facts, causes, log } = remains;
  const cause = firstCause(causes);
  if (/^(NODE_FAIL|BOOT_FAIL)$/.test(facts.state)) return lostNode(facts, log);
  if (cause !== undefined) return failedNode(facts, cause);
  switch (facts.state) {
    case "CANCELLED":
    case "COMPLETED":
      return undefined;
    case "TIMEOUT":
    case "DEADLINE":
      return timedOut(facts);
    case "OUT_OF_MEMORY":
      return outOfMemory(facts, log);
    default:
      return readLog(facts, log);
  }
}

function failedNode({ jobId }: JobFacts, cause: NodeCause): PenstockError {
  return new PenstockError("JOB_NODE_FAILED", {
    jobId,
    who: `node ${cause.node} ("${cause.hostname}")`,
    reason: cause.message,
    reasonCode: cause.code,
    reasonHint: cause.hint,
  });
}

/** The words of Slurm and of nodes that could not leave a cause behind. */
function readLog(facts: JobFacts, log: string): PenstockError {
  if (/DUE TO TIME LIMIT/.test(log)) return timedOut(facts);
  if (/oom[-_ ]?kill|out of memory handler/i.test(log)) return outOfMemory(facts, log);
  if (/DUE TO NODE FAILURE|Node failure on/i.test(log)) return lostNode(facts, log);
  return (
    hiddenOutputDir(facts, log) ??
    missingProgram(log) ??
    failedPreRun(facts, log) ??
    spokenCause(facts, log) ??
    silentlyMissing(log) ??
    silentTask(facts, log) ??
    ended(facts, log)
  );
}

function timedOut({ jobId, timeLimit = "unknown" }: JobFacts): PenstockError {
  return new PenstockError("JOB_TIMED_OUT", { jobId, timeLimit });
}

function outOfMemory({ jobId }: JobFacts, log: string): PenstockError {
  const nodes = namesIn(log, /^srun: error: (\S+): tasks? [\d,-]+: Out Of Memory/gim);
  return new PenstockError("JOB_OUT_OF_MEMORY", {
    jobId,
    where: nodes === "" ? "" : ` on ${nodes}`,
  });
}

function lostNode({ jobId, nodeList }: JobFacts, log: string): PenstockError {
  const named = lostNodes(log);
  const nodes = named === "" ? `one of ${nodeList ?? "them"}` : named;
  return new PenstockError("JOB_NODE_LOST", { jobId, nodes });
}

/** The nodes that Slurm lost, by what it wrote into the job's log; empty where it has named none. */
export function lostNodes(log: string): string {
  return namesIn(log, /Node failure on ([^\s,]+)/gi);
}

/** What slurmd ends a batch script with that it cannot start for want of the file for its output. */
const outputNotOpened = "0:53";

/** The first thing that happens to the output directory on a node: Slurm opens the job's log there. */
function hiddenOutputDir(facts: JobFacts, log: string): PenstockError | undefined {
  const { jobId, exitCode, logFile, batchHost, nodeList } = facts;
  const isInOutputDir = logFile?.endsWith(`/logs/job_${jobId}.log`) === true;
  if (exitCode !== outputNotOpened || !isInOutputDir || log !== "") return undefined;
  return new PenstockError("OUTPUT_DIR_NOT_SHARED", {
    action: "write the job's log",
    file: logFile,
    hostname: batchHost ?? nodeList ?? "its first node",
    reason: "Slurm could not open it",
  });
}

/** slurmstepd, bash and Node.js each say in their own way that a file is missing; srun says on which nodes. */
const missingFile = [
  /^slurmstepd\S*: error: execve\(\): (?<path>\S*node(?:js)?): No such file/m,
  /^\S+: line \d+: (?:exec: )?(?<path>\S*node(?:js)?): (?:cannot execute: )?(?:No such file|not found)/m,
  /Cannot find module '(?<path>[^']*penstock\.js)'/,
];

function missingProgram(log: string): PenstockError | undefined {
  for (const pattern of missingFile) {
    const path = pattern.exec(log)?.groups!["path"];
    if (path === undefined) continue;
    const found = namesIn(log, /^srun: error: (\S+): tasks? [\d,-]+: Exited with exit code/gm);
    return new PenstockError("NODE_JS_MISSING", { path, nodes: found || "a compute node" });
  }
  return undefined;
}

/**
 * slurmstepd ends a task whose program is not there with the number of that error, and its word on it is lost where srun
 * ends the step sooner. A supervisor that ends so has said why. Jobs start the Node.js that has submitted them.
 */
function silentlyMissing(log: string): PenstockError | undefined {
  const nodes = namesIn(log, /^srun: error: (\S+): tasks? [\d,-]+: Exited with exit code 2$/gm);
  if (nodes === "") return undefined;
  return new PenstockError("NODE_JS_MISSING", { path: process.execPath, nodes });
}

/** What the batch script has each node say; those that srun ends for it say 143, with SIGTERM's 15. */
const preRunEnd =
  /^penstock (?<who>node \d+ \([^)]*\)): slurm\.pre_run_command ended with exit code (?!143$)(?<exitCode>\d+)$/m;

function failedPreRun({ jobId, logFile = "" }: JobFacts, log: string): PenstockError | undefined {
  const groups = preRunEnd.exec(log)?.groups;
  if (groups === undefined) return undefined;
  const exitCode = Number(groups["exitCode"]);
  return new PenstockError("PRE_RUN_FAILED", { jobId, who: groups["who"]!, exitCode, logFile });
}

/** A node's own error as the command printed it: a sentence, what to do, and a code in capitals. */
const spoken =
  /^penstock(?: (?<who>node \d+ \([^)]*\)))?: (?<reason>.+)\n(?<rest>(?:.*\n){0,40}?)(?:penstock [^:]+: )? {2}(?<code>[A-Z][A-Z_]{3,})(?:,.*)?$/m;

function spokenCause({ jobId }: JobFacts, log: string): PenstockError | undefined {
  const groups = spoken.exec(log)?.groups;
  if (groups === undefined) return undefined;
  const hint = groups["rest"]!.split("\n").findLast((line) => line.trim() !== "") ?? "";
  return new PenstockError("JOB_NODE_FAILED", {
    jobId,
    who: groups["who"] ?? "a node",
    reason: printable(groups["reason"]!),
    reasonCode: groups["code"]!,
    reasonHint: printable(hint.replace(/^penstock [^:]+:/, "").trim()) || "Read the job's log",
  });
}

/** srun's word on the first node that ended, where the node itself had no time for one. */
function silentTask({ jobId, logFile = "" }: JobFacts, log: string): PenstockError | undefined {
  const found = /^srun: error: (?<name>\S+): tasks? [\d,-]+: (?<words>.+)$/m.exec(log)?.groups;
  if (found === undefined) return undefined;
  return new PenstockError("JOB_NODE_FAILED", {
    jobId,
    who: `node "${found["name"]}"`,
    reason: `its supervisor ended without a word, and srun says "${printable(found["words"]!)}"`,
    reasonCode: "JOB_ENDED",
    reasonHint: `Read the job's log "${logFile}"`,
  });
}

function ended({ jobId, state, logFile = "" }: JobFacts, log: string): PenstockError {
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  const lastLines = lines
    .slice(-lastLinesMax)
    .map((line) => `\n    ${printable(line.slice(0, lineLengthMax))}`)
    .join("");
  return new PenstockError("JOB_ENDED", { jobId, state, lastLines, logFile });
}

function namesIn(log: string, pattern: RegExp): string {
  const names = [...new Set([...log.matchAll(pattern)].map((match) => match[1]!))].toSorted();
  const shown = names.slice(0, nodesNamedMax).map((name) => `"${name}"`);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
