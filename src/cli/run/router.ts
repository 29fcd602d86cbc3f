import { defaultRouterLimits, startRouter } from "../../router/mod.ts";
import type { RouterFlags } from "../commands/router-flags.ts";
import type { CliContext } from "../context.ts";
import { routerOptions } from "./router-options.ts";
import { isSupervised, runServer } from "./run-server.ts";

/** A supervisor ends the ranks soon after it has told the router to end, unless it was told to wait longer. */
const supervisedDrainMsMax = 1_500;

/** From the end of a drain until everything is closed. */
const closeMarginMs = 1_500;

/** Runs the router until it is told to end. */
export async function runRouter(this: CliContext, flags: RouterFlags): Promise<void> {
  const options = routerOptions(flags, this.process.env);
  const drainMsDefault = isSupervised(this) ? supervisedDrainMsMax : defaultRouterLimits.drainMsMax;
  const limits = { drainMsMax: drainMsDefault, ...options.limits };
  await runServer(this, {
    name: "router",
    logLevel: flags.logLevel,
    port: options.uds === undefined ? options.port : undefined,
    closeMsMax: limits.drainMsMax + closeMarginMs,
    start: (logger) => startRouter({ ...options, limits, logger }),
  });
}
