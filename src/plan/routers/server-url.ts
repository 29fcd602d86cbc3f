import { urlOf } from "../../base/mod.ts";

/**
 * The URL of a server: `http://{node:3}:8100`. A placeholder keeps its braces, since it gets the brackets that an IPv6
 * address needs together with that address; a server bound to every address is reached on loopback.
 */
export function serverUrl(host: string, port: number, path = ""): string {
  return `${host.startsWith("{") ? `http://${host}:${port}` : urlOf(host, port)}${path}`;
}

/** The same URL of a server that may speak TLS. */
export function routerUrl(isSecure: boolean, url: string): string {
  return isSecure ? url.replace(/^http:/, "https:") : url;
}
