import { jsonText } from "./json-text.ts";
import type { PlannedFile, PlannedPort, PlannedProcess, ReadyCheck } from "../types.ts";

/** What a process is, before a shape says where it stands: the parts of a PlannedProcess that its own flags decide. */
export interface ProcessSpec {
  readonly argv: PlannedProcess["argv"];
  readonly env: PlannedProcess["env"];
  readonly files: readonly PlannedFile[];
  /** Without the flag that moves them: only the shape knows which key of the configuration does. */
  readonly ports: readonly SpecPort[];
  readonly ready: ReadyCheck;
}

export type SpecPort = Omit<PlannedPort, "flag">;

export function jsonFile(path: string, value: unknown): PlannedFile {
  return { path, content: jsonText(value) };
}
