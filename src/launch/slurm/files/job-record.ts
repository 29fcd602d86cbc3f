import { readdir, readFile, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { makeDirectories, parseJson } from "../../../base/mod.ts";
import { replaceFile } from "./replace-file.ts";

/** What is kept of a job that was submitted from here: Slurm forgets jobs some minutes after their end. */
export interface JobRecord {
  readonly jobId: string;
  readonly outputDirectory: string;
  /** Whether the nodes see that directory. */
  readonly sharedFs: boolean;
  readonly submittedAtMs: number;
}

const recordsMax = 200;

/** `$XDG_STATE_HOME/penstock/jobs`, by default below `~/.local/state`. */
export function recordsDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const given = env["XDG_STATE_HOME"] ?? "";
  const state = isAbsolute(given) ? given : join(homedir(), ".local", "state");
  return join(state, "penstock", "jobs");
}

/** Keeps a record, and of all of them the newest ones. */
export async function keepRecord(record: JobRecord, directory: string): Promise<void> {
  await makeDirectories(directory);
  await replaceFile(join(directory, fileName(record.jobId)), `${JSON.stringify(record)}\n`);
  const all = await readAll(directory);
  const old = all.toSorted((a, b) => b.submittedAtMs - a.submittedAtMs).slice(recordsMax);
  await Promise.all(old.map(({ jobId }) => rm(join(directory, fileName(jobId)), { force: true })));
}

/** Undefined where no job of this number was submitted from here. */
export async function readRecord(jobId: string, directory: string): Promise<JobRecord | undefined> {
  return parseRecord(await readFile(join(directory, fileName(jobId)), "utf8").catch(() => ""));
}

/** The records of jobs that write to this directory. */
export async function recordsOf(
  outputDirectory: string,
  directory: string,
): Promise<readonly JobRecord[]> {
  const all = await readAll(directory);
  return all.filter((record) => record.outputDirectory === outputDirectory);
}

async function readAll(directory: string): Promise<readonly JobRecord[]> {
  const names = await readdir(directory).catch(() => []); // Nothing was submitted yet.
  const ids = names.map((name) => /^(\d+)\.json$/.exec(name)?.[1]).filter((id) => id !== undefined);
  const records = await Promise.all(ids.map(async (id) => readRecord(id, directory)));
  return records.filter((record) => record !== undefined);
}

function fileName(jobId: string): string {
  return `${jobId}.json`;
}

function parseRecord(text: string): JobRecord | undefined {
  const record = parseJson(text) as Partial<JobRecord> | null | undefined;
  const isRecord =
    typeof record?.jobId === "string" &&
    typeof record.outputDirectory === "string" &&
    typeof record.sharedFs === "boolean" &&
    typeof record.submittedAtMs === "number";
  return isRecord ? (record as JobRecord) : undefined;
}
