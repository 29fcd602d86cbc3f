import {
  type DeploymentSource,
  listDeployments,
  type Listing,
  type StatusReport,
} from "../../launch/mod.ts";
import type { StatusFlags } from "../commands/status.ts";
import type { CliContext } from "../context.ts";
import { formatListing } from "../screen/status/format-listing.ts";
import { formatStatus } from "../screen/status/format-status.ts";
import { StatusView } from "../screen/status/status-view.ts";
import { openNamedSource } from "./running/open-named-source.ts";
import { Output } from "./running/output.ts";

/** Shows how a deployment stands, or all of this machine where several run and none is named. */
export async function runStatus(this: CliContext, flags: StatusFlags, job?: string): Promise<void> {
  const { deployment, follow, json } = flags;
  const listing = await listDeployments();
  const isNamed = deployment !== undefined || job !== undefined;
  const count = listing.deployments.length + listing.unreachable.length;
  if (!isNamed && !follow && count > 1) {
    const listed = json ? listingJson(listing) : lines(formatListing(listing, Date.now()));
    this.process.stdout.write(listed);
    return;
  }
  const source = await openNamedSource({ deployment, job }, listing);
  if (follow) return await followStatus(source, json);
  const status = await source.status();
  this.process.stdout.write(json ? statusJson(status) : lines(formatStatus(status, Date.now())));
}

async function followStatus(source: DeploymentSource, json: boolean): Promise<void> {
  const output = new Output();
  const view = new StatusView(process.stdout);
  for await (const status of source.watch(output.gone))
    await output.write(json ? statusJson(status) : view.next(status, Date.now()));
  if (!json) await output.write(`${source.name} has ended\n`);
}

function statusJson({ parts, notes }: StatusReport): string {
  return `${JSON.stringify({ deployments: parts, notes })}\n`;
}

function listingJson({ deployments, unreachable }: Listing): string {
  const parts = deployments.map(({ status }) => status);
  return statusJson({ parts, notes: unreachable.map(({ error }) => error.message) });
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
