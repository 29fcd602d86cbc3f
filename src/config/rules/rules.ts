import type { Config } from "../schema/config.ts";
import { embeddedEngine } from "./embedded-engine.ts";
import { portRange } from "./port-range.ts";

/** Keys that do not go together, or that settle another key. */
export interface RuleFinding {
  /** The keys concerned, as dotted paths; the first one that the user set is shown. */
  readonly paths: readonly string[];
  /** What was expected; for an adjustment, what was changed and why. */
  readonly message: string;
  /** Makes the finding an adjustment: the configuration goes on with these values, and the user is told. */
  readonly adjust?: readonly Adjustment[];
  /** Makes the finding a remark: nothing changes, the user is told. */
  readonly isRemark?: boolean;
}

export interface Adjustment {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Whether a file, a flag or an earlier rule set the key with this dotted path. */
export type IsSet = (path: string) => boolean;

/** A rule across keys, asked only about values that are right by themselves. */
export type Rule = (config: Config, isSet: IsSet) => readonly RuleFinding[];

/** In the order in which they are asked: a rule sees what the ones before it adjusted. */
export const rules: readonly Rule[] = [embeddedEngine, portRange];
