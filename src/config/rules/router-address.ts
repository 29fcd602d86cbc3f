import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** Replicas on one machine have routers at one port: each needs an address of its own, which only loopback has. */
export function routerAddress(config: Config): readonly RuleFinding[] {
  const { slurm, engine, deployment, pd_disagg, server } = config;
  if (slurm !== null || engine === "vllm" || deployment.num_replicas === 1) return [];
  const host = pd_disagg?.host ?? server.host;
  if (isLoopback(host)) return [];
  const message = `Expected "127.0.0.1" for ${deployment.num_replicas} replicas on this machine, whose routers listen at one port, each on a loopback address of its own; one replica may have any address`;
  const path = (pd_disagg?.host ?? null) === null ? "server.host" : "pd_disagg.host";
  return [mistake(message, path, "deployment.num_replicas")];
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
