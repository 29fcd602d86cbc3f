export * from "./fit/mod.ts";
export { chooseEngine, type EngineChoice } from "./choose-engine.ts";
export { gpusPerNode } from "./slurm/gpus-per-node.ts";
export type { Inventory } from "./inventory.ts";
export { makePlan } from "./make-plan.ts";
export { nodeAddress, replaceNodeAddresses } from "./node-address.ts";
export { howToRun, plannedFiles, type PlannedFilesOptions, scriptFile } from "./planned-files.ts";
export { planSchema } from "./plan-schema.ts";
export type * from "./types.ts";
