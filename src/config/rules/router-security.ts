import type { Config } from "../schema/config.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** Keys of clients are checked by Penstock's own router: before another one the port would be open. */
export function routerSecurity({ router, server }: Config): readonly RuleFinding[] {
  if (router.type === "penstock" || server.api_key_file === null) return [];
  const message = `Expected "None" with router.type = "${router.type}": only "penstock" checks API keys`;
  return [mistake(message, "server.api_key_file", "router.type")];
}
