import { readFile, rm } from "node:fs/promises";
import { parseJson } from "../../../base/mod.ts";
import type { JobAttempt } from "./job-files.ts";
import { replaceFile } from "./replace-file.ts";

/** A node of the job. */
export interface JobNode {
  /** As Slurm calls it. */
  readonly hostname: string;
  /** An IP address under which the other nodes reach it. */
  readonly address: string;
}

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

/** One line for programs that read several files as one stream, else for people. */
export async function writeEndpoints(
  file: string,
  endpoints: JobEndpoints,
  { indent = 0 }: { readonly indent?: number } = {},
): Promise<void> {
  await replaceFile(file, `${JSON.stringify(endpoints, null, indent)}\n`);
}

/** Removes the file, or leaves it where it is another one's than the job that is named. */
export async function removeEndpoints(file: string, jobId?: string): Promise<void> {
  // Where it was never written there is nothing to remove.
  const text = await readFile(file, "utf8").catch(() => "");
  if (jobId === undefined || parseEndpoints(text)?.jobId === jobId) await rm(file, { force: true });
}

/** Reads what {@linkcode writeEndpoints} wrote; undefined for anything else. */
export function parseEndpoints(text: string): JobEndpoints | undefined {
  const found = parseJson(text) as Partial<JobEndpoints> | null | undefined;
  const isOurs = Array.isArray(found?.client) && typeof found.jobId === "string";
  return isOurs ? (found as JobEndpoints) : undefined;
}
