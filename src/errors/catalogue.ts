import { configErrors } from "./topics/config.ts";
import { controlErrors } from "./topics/control.ts";
import { engineErrors } from "./topics/engine.ts";
import { hubErrors } from "./topics/hub.ts";
import { launchErrors } from "./topics/launch.ts";
import { modelErrors } from "./topics/model.ts";
import { planErrors } from "./topics/plan.ts";
import { routerErrors } from "./topics/router.ts";
import { serverErrors } from "./topics/server.ts";
import { slurmErrors } from "./topics/slurm.ts";
import type { ErrorDefinition } from "./definition.ts";

/** Every operating error of Penstock by its stable code, one file a topic. */
export const catalogue = {
  ...configErrors,
  ...controlErrors,
  ...engineErrors,
  ...hubErrors,
  ...launchErrors,
  ...modelErrors,
  ...planErrors,
  ...routerErrors,
  ...serverErrors,
  ...slurmErrors,
} as const;

export type ErrorCode = keyof typeof catalogue;

export type FactsOf<Code extends ErrorCode> =
  (typeof catalogue)[Code] extends ErrorDefinition<infer Facts> ? Facts : never;
