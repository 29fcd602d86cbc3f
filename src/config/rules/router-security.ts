import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

const keys = ["api_key_file", "ssl_certfile", "ssl_keyfile"] as const;

/** Penstock's own router alone checks keys of clients and speaks TLS: before another one the port would be open. */
export function routerSecurity({ router, server }: Config): readonly RuleFinding[] {
  if (router.type !== "penstock") {
    const message = `Expected "None" with router.type = "${router.type}": only "penstock" checks API keys and speaks TLS`;
    return keys
      .filter((key) => server[key] !== null)
      .map((key) => mistake(message, `server.${key}`, "router.type"));
  }
  if (server.ssl_keyfile === null || server.ssl_certfile !== null) return [];
  const message = "Expected a path with server.ssl_keyfile: a private key is of no use alone";
  return [mistake(message, "server.ssl_certfile", "server.ssl_keyfile")];
}
