import { readFile, rm } from "node:fs/promises";
import { replaceFile } from "./replace-file.ts";
import type { JobAttempt } from "./job-files.ts";
import type { JobNode } from "./node-addresses.ts";

/** `endpoints.json`: where a job that is ready takes requests. */
export interface JobEndpoints extends JobAttempt {
  readonly readyAtMs: number;
  readonly model: string;
  /** Where clients send requests: one URL a router, without a path. */
  readonly client: readonly string[];
  readonly ranks: readonly string[];
  /** In the order of the Plan's node numbers. */
  readonly nodes: readonly JobNode[];
}

export async function writeEndpoints(file: string, endpoints: JobEndpoints): Promise<void> {
  await replaceFile(file, `${JSON.stringify(endpoints, null, 2)}\n`);
}

/** Removes the file unless it is another job's by now. */
export async function removeEndpoints(file: string, jobId: string): Promise<void> {
  const found = await readEndpoints(file);
  if (found?.jobId === jobId) await rm(file, { force: true });
}

/** Undefined where there is none, or none that can be read. */
export async function readEndpoints(file: string): Promise<JobEndpoints | undefined> {
  try {
    return parseEndpoints(await readFile(file, "utf8"));
  } catch {
    // Not written yet, or a folder that nobody sees any more: there is nothing to show.
    return undefined;
  }
}

export function parseEndpoints(text: string): JobEndpoints | undefined {
  const found = JSON.parse(text) as Partial<JobEndpoints> | null;
  const isOurs = Array.isArray(found?.client) && typeof found.jobId === "string";
  return isOurs ? (found as JobEndpoints) : undefined;
}
