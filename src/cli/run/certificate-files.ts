import { PenstockError } from "../../errors/mod.ts";
import type { CertificateFiles } from "../../router/mod.ts";
import type { RouterFlags } from "../commands/router-flags.ts";

/**
 * The files for TLS; undefined for a port without it.
 * @throws PenstockError COMMAND_INVALID
 */
export function certificateFiles({
  sslCertfile: certFile,
  sslKeyfile: keyFile,
}: Pick<RouterFlags, "sslCertfile" | "sslKeyfile">): CertificateFiles | undefined {
  if (certFile !== undefined) return { certFile, keyFile };
  if (keyFile === undefined) return undefined;
  const reason = "Expected --ssl-certfile with --ssl-keyfile: a private key is of no use alone";
  throw new PenstockError("COMMAND_INVALID", { reason });
}
