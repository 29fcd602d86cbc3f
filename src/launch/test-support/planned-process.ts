import type { Plan, PlannedProcess } from "../../plan/mod.ts";

/** A router of a Plan without files, ports or devices, changed by what the test is about. */
export function plannedProcess(changes: Partial<PlannedProcess> = {}): PlannedProcess {
  return {
    id: "router-0",
    kind: "router",
    role: "both",
    replica: 0,
    instance: null,
    rank: null,
    argv: ["x"],
    env: {},
    files: [],
    directories: [],
    gpus: [],
    ports: [],
    ready: { kind: "started" },
    after: [],
    restart: null,
    ...changes,
  };
}

/** A Plan for this machine with these processes, one list a node. */
export function planOf(...nodes: readonly (readonly PlannedProcess[])[]): Plan {
  return {
    version: 1,
    shape: "single_node",
    launcher: "local",
    model: { name: "m", servedModelNames: ["m"], source: "/m" },
    engine: "embedded",
    instances: [],
    nodes: nodes.map((processes, index) => ({ index, processes })),
    endpoints: { client: ["http://{node:0}:8000"], ranks: [], admin: [] },
    warnings: [],
  };
}
