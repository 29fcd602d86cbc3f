import type { Config } from "../schema/config.ts";
import { serverSchema } from "../schema/server.ts";
import { mistake, type RuleFinding } from "./finding.ts";

const defaults = serverSchema.parse({});

/** A Unix socket stands in place of an address, has one listener, and is reached from its own machine alone. */
export function routerSocket(config: Config): readonly RuleFinding[] {
  const { router, server, deployment, pd_disagg, slurm } = config;
  if (server.uds === null) return [];
  if (router.type !== "penstock") {
    const message = `Expected "None" with router.type = "${router.type}": only "penstock" listens on a Unix socket`;
    return [mistake(message, "server.uds", "router.type")];
  }
  const findings: RuleFinding[] = [];
  const refuse = (message: string, ...paths: readonly string[]): unknown =>
    findings.push(mistake(message, ...paths));
  const instead = "Expected no value with server.uds, which the router listens on instead";
  if (server.host !== defaults.host) refuse(instead, "server.host", "server.uds");
  if (server.port !== defaults.port)
    refuse(`${instead}; deployment.backend_port moves the ranks`, "server.port", "server.uds");
  for (const key of ["host", "proxy_port"] as const)
    if (pd_disagg !== null && pd_disagg[key] !== null)
      refuse(instead, `pd_disagg.${key}`, "server.uds");
  if (router.threads > 1)
    refuse("Expected 1 with server.uds: a Unix socket has one listener", "router.threads");
  if (deployment.num_replicas > 1)
    refuse(
      `Expected "None" for ${deployment.num_replicas} replicas, each of which needs an address`,
      "server.uds",
      "deployment.num_replicas",
    );
  else if (slurm !== null && deployment.type !== "single_node")
    refuse(
      'Expected "None" for several nodes: clients on the others would not reach the router',
      "server.uds",
      "deployment.type",
    );
  return findings;
}
