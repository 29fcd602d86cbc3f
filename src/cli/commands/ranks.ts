import { buildCommand, buildRouteMap } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { parseCount, parseServerUrl, parseSocketPath } from "./parsers.ts";
import { deploymentFlag, onOff, type RunningFlags } from "./running-flags.ts";

/** What every command about the ranks of a running router takes. */
export interface RanksFlags extends RunningFlags {
  readonly adminUds?: string;
  readonly json: boolean;
}

export interface AddRankFlags extends RanksFlags {
  readonly role?: "prefill" | "decode";
  readonly index?: number;
}

export interface RemoveRankFlags extends RanksFlags {
  readonly now: boolean;
}

const flags = {
  adminUds: {
    kind: "parsed",
    parse: parseSocketPath,
    optional: true,
    brief: "The router's admin socket, in place of a deployment's",
    placeholder: "PATH",
  },
  deployment: deploymentFlag,
  json: { ...onOff, brief: "Print what the router answers as JSON" },
} as const;

const url = {
  kind: "tuple",
  parameters: [
    { brief: "URL of the rank: http://host:port", placeholder: "URL", parse: parseServerUrl },
  ],
} as const;

const usage = "[--admin-uds PATH | --deployment NAME] [--json]";

const list = buildCommand<RanksFlags, [], CliContext>({
  loader: async () => (await import("../run/ranks.ts")).runListRanks,
  parameters: { flags },
  docs: { brief: "Show the router's ranks: health, load and role", customUsage: [usage] },
});

const add = buildCommand<AddRankFlags, [string], CliContext>({
  loader: async () => (await import("../run/ranks.ts")).runAddRank,
  parameters: {
    positional: url,
    flags: {
      ...flags,
      role: {
        kind: "enum",
        values: ["prefill", "decode"],
        optional: true,
        brief: "What the rank computes, where prefill and decode are apart",
      },
      index: {
        kind: "parsed",
        parse: parseCount,
        optional: true,
        brief: "Number that places its sessions; by default the lowest that no rank has",
        placeholder: "N",
      },
    },
  },
  docs: {
    brief: "Give the router one more rank; it gets requests once it answers checks",
    customUsage: [`${usage} [--role prefill|decode] [--index N] URL`],
  },
});

const drain = buildCommand<RanksFlags, [string], CliContext>({
  loader: async () => (await import("../run/ranks.ts")).runDrainRank,
  parameters: { positional: url, flags },
  docs: {
    brief: "Give a rank no new requests; those that run go on",
    customUsage: [`${usage} URL`],
  },
});

const remove = buildCommand<RemoveRankFlags, [string], CliContext>({
  loader: async () => (await import("../run/ranks.ts")).runRemoveRank,
  parameters: {
    positional: url,
    flags: { ...flags, now: { ...onOff, brief: "Cut the requests that still run there" } },
  },
  docs: {
    brief: "Take a rank out of the router once its requests are over",
    customUsage: [`${usage} [--now] URL`],
  },
});

/** `penstock ranks`: which ranks a running router has. */
export const ranksRoutes = buildRouteMap({
  routes: { list, add, drain, remove },
  docs: {
    brief: "Show, add, drain and remove the ranks of a running router",
    fullDescription: [
      "Shows and changes which ranks a running router of Penstock has. Nothing of a rank itself is started or stopped.",
      "",
      "  penstock ranks list",
      "  penstock ranks add http://10.0.0.3:8100",
      "  penstock ranks drain http://10.0.0.3:8100      no new requests; list shows when none runs any more",
      "  penstock ranks remove http://10.0.0.3:8100     --now does not wait for its requests",
      "  penstock ranks list --deployment 8000 --json",
      "  penstock ranks list --admin-uds admin.sock     a router that penstock router --admin-uds has started",
      "",
      "The router of a deployment is found as penstock status finds the deployment. Its admin socket is on the router's",
      "own node: for a Slurm job run the command there.",
    ].join("\n"),
  },
});
