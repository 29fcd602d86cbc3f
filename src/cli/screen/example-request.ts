import type { Plan } from "../../plan/mod.ts";
import { quoteWord } from "./quote-word.ts";

/** What clients need beside the address. */
export interface ClientAccess {
  /** Where a client finds a key, never the key itself; null where the router asks for none. */
  readonly key: KeyPlace | null;
  /** File of the certificate that the router shows; null without TLS. */
  readonly certificateFile: string | null;
}

export type KeyPlace = { readonly file: string } | { readonly variable: string };

/** A request for a shell; the bundled models are asked for what they were trained to do. */
export function exampleRequest(plan: Plan, { key, certificateFile }: ClientAccess): string {
  const isBundled = /\/penstock\/reverse-[a-z]+$/.test(plan.model.source);
  const content = isBundled ? "Reverse: turbine" : "Say hello";
  const body = { model: plan.model.name, messages: [{ role: "user", content }] };
  const access = [
    ...(certificateFile === null ? [] : [`--cacert ${quoteWord(certificateFile)}`]),
    ...(key === null ? [] : [`-H "Authorization: Bearer ${readKey(key)}"`]),
  ];
  const lines = [
    `curl ${target(plan.endpoints.client[0]!, certificateFile !== null)} -H 'content-type: application/json'`,
    ...(access.length > 0 ? [access.join(" ")] : []),
    `-d ${quoteWord(JSON.stringify(body))}`,
  ];
  return lines.map((line, index) => (index === 0 ? `  ${line}` : `    ${line}`)).join(" \\\n");
}

const route = "/v1/chat/completions";

/** What stands for the host of a server on a Unix socket is not looked up. */
function target(client: string, isSecure: boolean): string {
  if (!client.startsWith("unix:")) return `${client}${route}`;
  const socket = quoteWord(client.slice("unix:".length));
  return `--unix-socket ${socket} ${isSecure ? "https" : "http"}://localhost${route}`;
}

/** The words with which a shell reads the key, so that it is shown nowhere; they stand between double quotes. */
function readKey(place: KeyPlace): string {
  if ("variable" in place) return `$${place.variable}`;
  return `$(head -n 1 ${quoteWord(place.file)})`;
}
