export type { Deployment, Launcher, LaunchRequest } from "./launcher.ts";
export { localAddresses } from "./local/local-addresses.ts";
export { launchLocally } from "./local/local-launcher.ts";
export { findPortHolder } from "./node/port-holder.ts";
export { findModel, takeInventory } from "./local/take-inventory.ts";
export { makeDeploymentId } from "./control/deployment-id.ts";
export type * from "./control/deployment-source.ts";
export {
  type ListedDeployment,
  listDeployments,
  type ListOptions,
  type Listing,
  type UnreachableDeployment,
} from "./control/list-deployments.ts";
export { chooseDeployment } from "./control/choose-deployment.ts";
export { openControl } from "./control/open-control.ts";
export { openSource, type SourceWish } from "./control/open-source.ts";
export { readLogs, type ReadLogsOptions } from "./control/logs/read-logs.ts";
export type * from "./control/types.ts";
export type * from "./node/types.ts";
export { runNodes } from "./node/run-nodes.ts";
export { writeFilesBelow } from "./node/write-files-below.ts";
export * from "./slurm/mod.ts";
