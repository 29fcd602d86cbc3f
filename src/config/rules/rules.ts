import type { Config } from "../schema/config.ts";
import { embeddedEngine } from "./embedded-engine.ts";
import { portRange } from "./port-range.ts";
import { vllmEngine } from "./vllm-engine.ts";

/** Keys that do not go together. */
export interface BrokenRule {
  /** The keys concerned, as dotted paths; the first one that the user set is shown. */
  readonly paths: readonly string[];
  readonly message: string;
}

/** A rule across keys, asked only about values that are right by themselves. */
export type Rule = (config: Config) => readonly BrokenRule[];

export const rules: readonly Rule[] = [embeddedEngine, portRange, vllmEngine];
