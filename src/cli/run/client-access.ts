import { resolve } from "node:path";
import type { Config } from "../../config/mod.ts";
import type { ClientAccess } from "../screen/example-request.ts";
import { apiKeyVariable } from "./api-key-source.ts";

/** What clients of the deployment need beside its address; only Penstock's own router asks for anything. */
export function clientAccess(
  { router, server }: Config,
  workingDirectory: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ClientAccess {
  if (router.type !== "penstock") return { key: null, certificateFile: null };
  const { api_key_file: file, ssl_certfile: certificate } = server;
  const variable = apiKeyVariable(env);
  const fromEnvironment = variable === undefined ? null : { variable };
  return {
    key: file === null ? fromEnvironment : { file: resolve(workingDirectory, file) },
    certificateFile: certificate === null ? null : resolve(workingDirectory, certificate),
  };
}
