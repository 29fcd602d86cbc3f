import { PenstockError } from "../../errors/mod.ts";
import { isTable } from "../../base/mod.ts";
import type { AddRankFlags, RanksFlags, RemoveRankFlags } from "../commands/ranks.ts";
import type { CliContext } from "../context.ts";
import { formatRanks } from "../screen/format-ranks.ts";
import { type AdminQuestion, askRouter } from "./ranks/ask-router.ts";
import { findAdminSocket } from "./ranks/find-admin-socket.ts";

/** Shows the ranks of a running router. */
export async function runListRanks(this: CliContext, flags: RanksFlags): Promise<void> {
  const answer = await ask(flags, { route: "list_workers" });
  const { workers } = answer;
  if (!Array.isArray(workers) || !workers.every(isTable)) {
    const reason = "its answer holds no list of ranks";
    throw new PenstockError("ROUTER_ADMIN_REFUSED", { route: "list_workers", reason });
  }
  const lines = formatRanks(workers).map((line) => `${line}\n`);
  this.process.stdout.write(flags.json ? `${JSON.stringify(answer)}\n` : lines.join(""));
}

/** Gives a running router one more rank. */
export async function runAddRank(
  this: CliContext,
  flags: AddRankFlags,
  url: string,
): Promise<void> {
  const { role, index } = flags;
  const query = {
    url,
    ...(role !== undefined && { role }),
    ...(index !== undefined && { index: String(index) }),
  };
  await change(this, flags, { route: "add_worker", query, done: `Added ${url}` });
}

/** Lets a rank get no new requests. */
export async function runDrainRank(
  this: CliContext,
  flags: RanksFlags,
  url: string,
): Promise<void> {
  const done = `Draining ${url}: it gets no new requests`;
  await change(this, flags, { route: "drain_worker", query: { url }, done });
}

/** Takes a rank out of a running router. */
export async function runRemoveRank(
  this: CliContext,
  flags: RemoveRankFlags,
  url: string,
): Promise<void> {
  const done = flags.now ? `Removed ${url}` : `Removing ${url}: it goes when its requests are over`;
  const query = { url, ...(flags.now && { drain: "false" }) };
  await change(this, flags, { route: "remove_worker", query, done });
}

async function change(
  { process }: CliContext,
  flags: RanksFlags,
  { done, ...question }: AdminQuestion & { readonly done: string },
): Promise<void> {
  const answer = await ask(flags, question);
  process.stdout.write(flags.json ? `${JSON.stringify(answer)}\n` : `${done}\n`);
}

async function ask(flags: RanksFlags, question: AdminQuestion) {
  return await askRouter(await findAdminSocket(flags), question);
}
