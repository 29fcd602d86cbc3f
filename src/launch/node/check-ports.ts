import { createServer } from "node:net";
import { PenstockError } from "../../errors/mod.ts";
import type { PlannedPort, PlannedProcess } from "../../plan/mod.ts";
import { findPortHolder } from "./port-holder.ts";

/** What keeps a port from being used. */
export type PortProblem = PenstockError<"PORT_IN_USE"> | PenstockError<"ADDRESS_NOT_USABLE">;

/**
 * Makes sure that every port of the processes can be listened on, before anything is started.
 *
 * @throws PenstockError PORT_IN_USE, ADDRESS_NOT_USABLE; PORTS_NOT_USABLE names them all where there are several.
 */
export async function checkPorts(processes: readonly PlannedProcess[]): Promise<void> {
  const [problem, ...others] = await findPortProblems(processes);
  if (problem === undefined) return;
  if (others.length === 0) throw problem;
  throw new PenstockError("PORTS_NOT_USABLE", { problems: [problem, ...others] });
}

/** Every port of the processes that cannot be listened on, in their order. */
export async function findPortProblems(
  processes: readonly PlannedProcess[],
): Promise<readonly PortProblem[]> {
  const problems = processes.flatMap(({ id, ports }) =>
    ports.map((port) => findProblem(port, `"${id}"`)),
  );
  return (await Promise.all(problems)).filter((problem) => problem !== undefined);
}

async function findProblem(
  { host, port, flag }: PlannedPort,
  purpose: string,
): Promise<PortProblem | undefined> {
  const reason = await tryListen(host, port);
  if (reason === undefined) return undefined;
  if (reason === "EADDRINUSE")
    return new PenstockError("PORT_IN_USE", { port, purpose, holder: findPortHolder(port), flag });
  return new PenstockError("ADDRESS_NOT_USABLE", {
    host,
    port,
    purpose,
    reason,
    hostFlag: "--server.host",
    portFlag: flag,
  });
}

/** The error code that listening fails with; undefined when it works. */
function tryListen(host: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const server = createServer();
  server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  return promise;
}
