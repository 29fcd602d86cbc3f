import { printable } from "../base/mod.ts";
import { describeOrigin, isNamedBy, type Origin } from "./origin.ts";

/** Something the user must hear of although it is no mistake: a value that was changed, a name that has another. */
export interface ConfigNotice {
  readonly origin: Origin;
  /** Dotted path of the key; empty where the notice is about a file as a whole. */
  readonly path: string;
  /** One sentence without a full stop. */
  readonly message: string;
}

/** A notice as one line: `base.toml:3:1  max_lora_rank: rounded up from 9 to 16, the next rank that vLLM takes`. */
export function formatNotice({ origin, path, message }: ConfigNotice): string {
  const place = origin.kind === "default" ? "" : describeOrigin(origin, "key");
  const key = isNamedBy(origin, path) ? "" : path;
  return printable(`${[place, key].filter((text) => text !== "").join("  ")}: ${message}`);
}
