import type { ProcessSpec } from "../routers/mod.ts";
import type { PlannedProcess } from "../types.ts";

/** A process and the node it runs on. */
export interface PlacedProcess {
  readonly node: number;
  readonly process: PlannedProcess;
}

/** What a program's own description does not say: who it is in the deployment. */
export type Standing = Pick<PlannedProcess, "id" | "kind" | "replica" | "after"> &
  Partial<
    Pick<PlannedProcess, "role" | "instance" | "rank" | "restart" | "directories" | "drainMs">
  > & {
    readonly node: number;
    /** The flag that moves its ports. */
    readonly flag: string;
  };

/** The program as a process of the deployment, without devices of its own. */
export function placeProcess(spec: ProcessSpec, standing: Standing): PlacedProcess {
  const { node, flag, id, kind, replica, after, role, instance, rank, restart, drainMs } = standing;
  const process = {
    id,
    kind,
    role: role ?? "both",
    replica,
    instance: instance ?? null,
    rank: rank ?? null,
    argv: spec.argv,
    env: spec.env,
    files: spec.files,
    directories: standing.directories ?? [],
    gpus: [],
    ports: spec.ports.map((port) => ({ ...port, flag })),
    ready: spec.ready,
    ...(drainMs !== undefined && { drainMs }),
    after,
    restart: restart ?? null,
  } as const;
  return { node, process };
}
