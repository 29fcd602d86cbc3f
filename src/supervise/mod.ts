export type { Progress } from "./child-output.ts";
export type { DeploymentView, ProcessView } from "./deployment-view.ts";
export { LineSplitter } from "./line-splitter.ts";
export type { ProcessSpec, ReadyCheck, RestartPolicy } from "./process-spec.ts";
export { Supervisor, type SuperviseOptions } from "./supervisor.ts";
