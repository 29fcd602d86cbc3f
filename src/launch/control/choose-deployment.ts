import { resolve } from "node:path";
import { PenstockError } from "../../errors/mod.ts";
import type { ListedDeployment, Listing } from "./list-deployments.ts";

/**
 * The deployment that is meant: by its id or the beginning of it, the number of its Slurm job, a port of its client
 * URLs or its output directory; without a selector the only one there is.
 *
 * @throws PenstockError DEPLOYMENT_NOT_FOUND, DEPLOYMENT_AMBIGUOUS, or why the only one does not answer.
 */
export function chooseDeployment(listing: Listing, selector: string | undefined): ListedDeployment {
  const { deployments, unreachable } = listing;
  const meant = selector === undefined ? deployments : matching(deployments, selector);
  const others = selector === undefined ? unreachable.length : 0;
  if (meant.length === 1 && others === 0) return meant[0]!;
  if (meant.length + others > 1) {
    const running = describeRunning({
      deployments: meant,
      unreachable: others > 0 ? unreachable : [],
    });
    throw new PenstockError("DEPLOYMENT_AMBIGUOUS", { selector, running });
  }
  if (deployments.length === 0 && unreachable.length === 1) throw unreachable[0]!.error;
  throw new PenstockError("DEPLOYMENT_NOT_FOUND", { selector, running: describeRunning(listing) });
}

/** Those that the first way of naming which means any means: a whole id is never taken for a beginning. */
export function matching(
  deployments: readonly ListedDeployment[],
  selector: string,
): readonly ListedDeployment[] {
  const directory = resolve(selector);
  const ways: readonly ((listed: ListedDeployment) => boolean)[] = [
    ({ status }) => status.id === selector,
    ({ status }) => status.slurm?.jobId === selector,
    ({ status }) => portsOf(status.endpoints.client).includes(selector),
    ({ status }) => status.outputDirectory === directory,
    ({ status }) => isBeginning(selector) && status.id.startsWith(selector),
  ];
  return ways.map((way) => deployments.filter(way)).find((meant) => meant.length > 0) ?? [];
}

/** Half a number is no name: it would mean another job or port. */
function isBeginning(selector: string): boolean {
  return selector !== "" && !/^\d+$/.test(selector);
}

/** For errors. */
export function describeRunning({ deployments, unreachable }: Listing) {
  return [
    ...deployments.map(({ status: { id, model, endpoints, outputDirectory } }) => {
      return { id, model, ports: portsOf(endpoints.client), outputDirectory };
    }),
    ...unreachable.map(({ entry: { pid, path } }) => {
      return { id: `pid ${pid}`, model: "does not answer", ports: [], outputDirectory: path };
    }),
  ];
}

/** Ports of URLs, in digits; a URL without one has its scheme's. */
function portsOf(urls: readonly string[]): readonly string[] {
  const ports = urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).port || "80");
  return [...new Set(ports)];
}
