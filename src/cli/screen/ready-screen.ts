import type { Plan } from "../../plan/mod.ts";
import { endpointOf } from "./endpoint-of.ts";
import { type ClientAccess, exampleRequest } from "./example-request.ts";

const rankUrlsShownMax = 4;

/** What the launcher knows of a deployment that serves. */
export interface ReadyDeployment {
  readonly id: string;
  /** With the addresses of its nodes. */
  readonly plan: Plan;
  readonly logDirectory: string;
  readonly access: ClientAccess;
  /** What Ctrl-C does. Default "stops everything". */
  readonly onCtrlC?: string;
}

/** The one screen of a deployment that serves: what, where, how to try it, how to stop it. */
export function readyScreen(deployment: ReadyDeployment): string {
  const { id, plan, logDirectory, access, onCtrlC = "stops everything" } = deployment;
  const rows: readonly (readonly [label: string, values: readonly string[]])[] = [
    ["Model", [plan.model.name, plan.model.source]],
    ["Engine", [`${plan.engine}, ${countRanks(plan)} behind ${countRouters(plan)}`]],
    ["Endpoint", plan.endpoints.client.map(endpointOf)],
    ["Ranks", shorten(plan.endpoints.ranks)],
    ["Logs", [logDirectory]],
    ["Note", plan.warnings],
  ];
  const table = rows.flatMap(([label, values]) =>
    values.map((value, index) => `  ${(index === 0 ? label : "").padEnd(10)}${value}`),
  );
  return [
    "",
    "Penstock is ready",
    "",
    ...table,
    "",
    "Try it:",
    "",
    exampleRequest(plan, access),
    "",
    `Ctrl-C ${onCtrlC}; penstock status ${id} shows it from any shell`,
    "",
  ].join("\n");
}

/** "3 ranks", or "2 prefill and 1 decode ranks" where they are apart. */
function countRanks({ instances, endpoints }: Plan): string {
  const { length } = endpoints.ranks;
  const byRole = Map.groupBy(instances, ({ role }) => role);
  if (byRole.size <= 1) return length === 1 ? "1 rank" : `${length} ranks`;
  const counts = [...byRole].map(
    ([role, ofRole]) => `${ofRole.reduce((sum, one) => sum + one.dataParallelSize, 0)} ${role}`,
  );
  return `${counts.join(" and ")} ranks`;
}

function countRouters({ endpoints }: Plan): string {
  const { length } = endpoints.client;
  return length === 1 ? "the router" : `${length} routers`;
}

function shorten(urls: readonly string[]): readonly string[] {
  if (urls.length <= rankUrlsShownMax) return urls;
  return [...urls.slice(0, rankUrlsShownMax), `and ${urls.length - rankUrlsShownMax} more`];
}
