export type { DeploymentView, ProcessView, Progress } from "./deployment-view.ts";
export { LineSplitter } from "./logs/line-splitter.ts";
export type { ProcessSpec, ReadyCheck, RestartPolicy } from "./process-spec.ts";
export { isReady } from "./ready/await-ready.ts";
export { Supervisor, type SuperviseOptions } from "./supervisor.ts";
