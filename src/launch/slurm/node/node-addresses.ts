import { createSocket } from "node:dgram";
import { lookup, resolve4 } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { PenstockError } from "../../../errors/mod.ts";
import { parseFields } from "../commands/parse-fields.ts";
import { reasonOf, type RunTool } from "../commands/run-tool.ts";
import type { JobNode } from "../files/endpoints-file.ts";
import type { SlurmStep } from "./slurm-step.ts";

export interface AddressSources {
  readonly runTool: RunTool;
  /** The addresses of a name as this machine sees it, in order; none where it is not known. */
  readonly resolveName?: (name: string) => Promise<readonly string[]>;
  /** The address of this machine that others see when it talks to theirs; any but loopback where there are no others. */
  readonly sourceAddress?: (remote: string | undefined) => Promise<string | undefined>;
}

/**
 * The nodes of the step, in the order of their numbers, with addresses that every node agrees on: what Slurm calls
 * NodeAddr, looked up where it is a name. A node's own name may be loopback in its own /etc/hosts, as on Debian; then
 * the address counts from which it talks to the others.
 *
 * @throws PenstockError NODE_ADDRESS_UNKNOWN, SLURM_TOOL_FAILED, SBATCH_MISSING
 */
export async function nodeAddresses(
  step: SlurmStep,
  sources: AddressSources,
): Promise<readonly JobNode[]> {
  const [hostnames, records] = await Promise.all([
    ask(sources.runTool, ["scontrol", "show", "hostnames", step.nodeList]),
    ask(sources.runTool, ["scontrol", "show", "node", step.nodeList, "-o"]),
  ]);
  const names = hostnames.split("\n").filter((line) => line !== "");
  const given = new Map(
    parseFields(records).map(({ NodeName, NodeAddr }) => [NodeName, NodeAddr] as const),
  );
  const others = await Promise.all(
    names.map(async (name, index) =>
      index === step.node ? undefined : addressOfOther(name, given.get(name) ?? name, sources),
    ),
  );
  const own = names[step.node];
  if (names.length !== step.nodeCount || own === undefined)
    throw unknown(step.nodeList, `Slurm lists ${names.length} nodes of ${step.nodeCount}`);
  const ownAddress = await addressOfOwn(own, given.get(own) ?? own, { others, sources });
  return names.map((hostname, index) => ({ hostname, address: others[index] ?? ownAddress }));
}

async function ask(runTool: RunTool, argv: readonly string[]): Promise<string> {
  const answer = await runTool(argv);
  if (answer.exitCode === 0) return answer.stdout;
  const facts = { program: argv[0]!, reason: reasonOf(answer) };
  throw new PenstockError("SLURM_TOOL_FAILED", facts);
}

async function addressOfOther(
  hostname: string,
  given: string,
  { resolveName = lookUp }: AddressSources,
): Promise<string> {
  const found = await reachable(given, resolveName);
  if (found !== undefined) return found;
  throw unknown(hostname, `"${given}" does not resolve to an address other than loopback`);
}

async function addressOfOwn(
  hostname: string,
  given: string,
  { others, sources }: { others: readonly (string | undefined)[]; sources: AddressSources },
): Promise<string> {
  const { resolveName = lookUp, sourceAddress = sourceAddressTowards } = sources;
  const found = await reachable(given, resolveName);
  if (found !== undefined) return found;
  const remote = others.find((address) => address !== undefined);
  const seen = await sourceAddress(remote);
  if (seen !== undefined) return seen;
  throw unknown(hostname, `"${given}" is loopback on the node itself`);
}

/** The first address that is not loopback, IPv4 before IPv6; sorted, because DNS may answer each node in another order. */
async function reachable(
  given: string,
  resolveName: (name: string) => Promise<readonly string[]>,
): Promise<string | undefined> {
  // Slurm's own word counts, also of nodes that share one machine.
  if (isIP(given) !== 0) return given;
  const found = await resolveName(given);
  return found
    .filter((address) => !isLoopback(address))
    .toSorted((a, b) => isIP(a) - isIP(b) || (a < b ? -1 : 1))[0];
}

function isLoopback(address: string): boolean {
  return /^(127\.|::1$|::ffff:127\.|fe80:)/i.test(address);
}

async function lookUp(name: string): Promise<readonly string[]> {
  const [local, served] = await Promise.allSettled([lookup(name, { all: true }), resolve4(name)]);
  const found = local.status === "fulfilled" ? local.value.map(({ address }) => address) : [];
  // The name server knows the network's address where /etc/hosts says loopback.
  return found.every(isLoopback) && served.status === "fulfilled" ? served.value : found;
}

/** Asks the routing table; nothing is sent. */
async function sourceAddressTowards(remote: string | undefined): Promise<string | undefined> {
  if (remote === undefined) return interfaceAddress();
  const socket = createSocket(isIP(remote) === 6 ? "udp6" : "udp4");
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  socket.once("error", () => resolve(undefined));
  socket.connect(9, remote, () => resolve(socket.address().address));
  const address = await promise;
  socket.close();
  return address === undefined || isLoopback(address) ? undefined : address;
}

function interfaceAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === "IPv4")?.address;
}

function unknown(hostname: string, reason: string): PenstockError {
  return new PenstockError("NODE_ADDRESS_UNKNOWN", { hostname, reason });
}
