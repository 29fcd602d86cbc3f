export type { Deployment, Launcher, LaunchRequest } from "./launcher.ts";
export { launchLocally } from "./local/local-launcher.ts";
export { findPortHolder } from "./node/port-holder.ts";
export { takeInventory } from "./local/take-inventory.ts";
export type * from "./control/deployment-source.ts";
export type * from "./control/types.ts";
export type * from "./node/types.ts";
export { runNodes } from "./node/run-nodes.ts";
