import { PenstockError } from "../../errors/mod.ts";

export interface RankAddress {
  /** The rank's number in the deployment; its sessions follow it across restarts and addresses. */
  readonly index: number;
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** The value of a Host header for it. */
  readonly authority: string;
}

/**
 * Reads where a rank is.
 * @throws PenstockError ROUTER_RANK_INVALID unless it is a plain http URL without path, query or credentials
 */
export function parseRankAddress(rank: {
  readonly index: number;
  readonly url: string;
}): RankAddress {
  const { index, url } = rank;
  const invalid = (reason: string) =>
    new PenstockError("ROUTER_RANK_INVALID", { index, url, reason });
  if (!Number.isSafeInteger(index) || index < 0) throw invalid("its index is no whole number");
  if (!URL.canParse(url)) throw invalid("this is no URL");
  const { protocol, hostname, port, host, pathname, search, username, password } = new URL(url);
  if (protocol !== "http:") throw invalid("the scheme must be http");
  if (username !== "" || password !== "") throw invalid("it must not carry credentials");
  if (pathname !== "/" || search !== "") throw invalid("it must end after the port");
  return {
    index,
    url,
    host: hostname.replace(/^\[(.*)\]$/, "$1"), // node:net takes IPv6 addresses without their brackets.
    port: port === "" ? 80 : Number(port),
    authority: host,
  };
}
