export type { Progress } from "./child-output.ts";
export type { ProcessSpec, ReadyCheck } from "./process-spec.ts";
export {
  Supervisor,
  type DeploymentView,
  type ProcessView,
  type SuperviseOptions,
} from "./supervisor.ts";
