import type { CommandContext, StricliProcess } from "@stricli/core";

/** What a command may touch; a command sets `process.exitCode` when it ends other than well. */
export interface CliContext extends CommandContext {
  readonly process: StricliProcess;
}
