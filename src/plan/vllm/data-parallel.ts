import type { VllmFlags } from "./flag-words.ts";

/** Where the ranks of one engine meet. */
interface Meeting {
  /** Address of the node that holds rank 0. */
  readonly address: string;
  readonly rpcPort: number;
}

/**
 * How the data-parallel ranks of one engine are spread over commands.
 *
 * - `internal`: this command starts all ranks behind one endpoint.
 * - `internal-nodes`: the ranks of several nodes behind the endpoint of the first; the others are headless.
 * - `hybrid`: every node has an endpoint for its own ranks.
 * - `external`: every rank has a command and an endpoint. Only models with experts: a dense model gets independent
 *   servers instead, since its ranks would share nothing and vLLM refuses them.
 */
export type DataParallelLaunch =
  | { readonly pattern: "internal"; readonly size: number }
  | (Meeting & {
      readonly pattern: "internal-nodes" | "hybrid";
      readonly size: number;
      readonly sizeLocal: number;
      readonly startRank: number;
    })
  | (Meeting & { readonly pattern: "external"; readonly size: number; readonly rank: number });

/** The ranks that one command starts. */
export interface OwnRanks {
  readonly start: number;
  readonly count: number;
}

export function dataParallelFlags(
  launch: DataParallelLaunch | null | undefined,
  isMoe: boolean,
): VllmFlags {
  if (launch === null || launch === undefined || launch.size === 1) return {};
  if (isIndependent(launch, isMoe)) return {};
  const size = { "--data-parallel-size": launch.size };
  if (launch.pattern === "internal") return size;
  const meeting = {
    "--data-parallel-address": launch.address,
    "--data-parallel-rpc-port": launch.rpcPort,
  };
  if (launch.pattern === "external")
    return {
      ...size,
      "--data-parallel-rank": launch.rank,
      "--data-parallel-external-lb": true,
      ...meeting,
    };
  return {
    ...size,
    "--data-parallel-size-local": launch.sizeLocal,
    ...(launch.pattern === "hybrid" ? hybridFlags(launch.startRank) : nodeFlags(launch.startRank)),
    ...meeting,
  };
}

function hybridFlags(startRank: number): VllmFlags {
  return { "--data-parallel-start-rank": startRank, "--data-parallel-hybrid-lb": true };
}

/** The first node gets no start rank: with one, and an endpoint, vLLM would take the hybrid pattern. */
function nodeFlags(startRank: number): VllmFlags {
  return startRank === 0 ? {} : { "--data-parallel-start-rank": startRank, "--headless": true };
}

/** Which global ranks live in this command. */
export function ownRanks(launch: DataParallelLaunch | null | undefined): OwnRanks {
  if (launch === null || launch === undefined) return { start: 0, count: 1 };
  switch (launch.pattern) {
    case "internal":
      return { start: 0, count: launch.size };
    case "external":
      return { start: launch.rank, count: 1 };
    default:
      return { start: launch.startRank, count: launch.sizeLocal };
  }
}

/** Whether this command is a server of its own that vLLM does not know the rank of. */
export function isIndependent(
  launch: DataParallelLaunch | null | undefined,
  isMoe: boolean,
): boolean {
  return launch?.pattern === "external" && (!isMoe || launch.size === 1);
}

/** What is added to a port that vLLM would have moved by the rank, were this rank not an independent server. */
export function rankOffset(launch: DataParallelLaunch | null | undefined, isMoe: boolean): number {
  return launch?.pattern === "external" && isIndependent(launch, isMoe) ? launch.rank : 0;
}

/** What is wrong with the numbers of a launch; undefined when nothing is. */
export function launchMistake(launch: DataParallelLaunch | null | undefined): string | undefined {
  if (launch === null || launch === undefined) return undefined;
  const { start, count } = ownRanks(launch);
  const ranks = `${launch.size} ${launch.size === 1 ? "rank" : "ranks"}`;
  if (!Number.isInteger(launch.size) || launch.size < 1) return "Expected at least one rank";
  if (!Number.isInteger(count) || count < 1) return "Expected at least one rank in every command";
  if (!Number.isInteger(start) || start < 0 || start + count > launch.size)
    return `Expected ranks within 0 and ${launch.size - 1}: the engine has ${ranks}, this command starts ${start} to ${start + count - 1}`;
  return undefined;
}
