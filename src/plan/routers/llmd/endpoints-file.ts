import type { PlannedFile } from "../../types.ts";
import type { RouterBackend } from "../backend.ts";

/** The endpoint picker reads no more of the file, and does not start where there is more. */
export const endpointsFileBytesMax = 1_048_576;

/**
 * The ranks for the endpoint picker's file discovery, one a line. Two things of it are unusual: the port is text, and
 * the address has to be a literal IPv4 address once the deployment has put it in place of `{node:3}`.
 */
export function endpointsFile(path: string, backends: readonly RouterBackend[]): PlannedFile {
  const lines = backends.map(({ id, host, port, role }) =>
    JSON.stringify({
      name: id,
      address: host,
      port: String(port),
      labels: { "llm-d.ai/role": role },
    }),
  );
  return { path, content: `{"endpoints": [\n${lines.join(",\n")}\n]}\n` };
}
