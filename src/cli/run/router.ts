import { startRouter } from "../../router/mod.ts";
import type { RouterFlags } from "../commands/router.ts";
import type { CliContext } from "../context.ts";
import { apiKeySource } from "./api-key-source.ts";
import { certificateFiles } from "./certificate-files.ts";
import { routerRanks } from "./router-ranks.ts";
import { runServer } from "./run-server.ts";

/** A supervisor ends the ranks soon after it has told the router to end: what still runs by then is cut. */
const drainMsMax = 1_500;

/** How often a rank that is not up is asked: a fresh deployment answers that much after its last rank is ready. */
const downIntervalMs = 200;

/** Runs the router until it is told to end. */
export async function runRouter(this: CliContext, flags: RouterFlags): Promise<void> {
  const { host, port, policy } = flags;
  const ranks = routerRanks(flags);
  const apiKeys = apiKeySource(flags.apiKeyFile, this.process.env);
  await runServer(this, {
    name: "router",
    logLevel: flags.logLevel,
    port,
    start: (logger) =>
      startRouter({
        host,
        port,
        policy,
        ranks,
        apiKeys,
        tls: certificateFiles(flags),
        logger,
        limits: { drainMsMax },
        health: { downIntervalMs },
      }),
  });
}
