import type { Config } from "../schema/config.ts";

/** Keys that do not go together, or that settle another key. */
export interface RuleFinding {
  /**
   * The keys concerned, as dotted paths. A mistake is shown at the first one that the user set; an adjustment is
   * about the first one, and shown at the place of the first one that the user set.
   */
  readonly paths: readonly string[];
  /** What was expected; for an adjustment, what was changed and why. */
  readonly message: string;
  /** Makes the finding an adjustment: the configuration goes on with this value, and the user is told. */
  readonly adjust?: Adjustment;
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

/** A mistake at these keys. */
export function mistake(message: string, ...paths: readonly string[]): RuleFinding {
  return { paths, message };
}

/** Something to tell about these keys. */
export function remark(message: string, ...paths: readonly string[]): RuleFinding {
  return { paths, message, isRemark: true };
}

/** What settles a key, in words, and the keys that do, as dotted paths. */
export interface Cause {
  readonly message: string;
  readonly causes: readonly string[];
}

/** A key whose value other keys settle. */
export function adjust(path: string, value: unknown, { message, causes }: Cause): RuleFinding {
  return { paths: [path, ...causes], message, adjust: { path: path.split("."), value } };
}
