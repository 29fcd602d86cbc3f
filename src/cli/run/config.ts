import {
  type Config,
  configJsonSchema,
  describeOrigin,
  formatNotice,
  loadConfig,
  type Provenance,
  toToml,
} from "../../config/mod.ts";
import { PenstockError } from "../../errors/mod.ts";
import type { CliContext } from "../context.ts";
import { takeOwnFlags } from "./take-own-flags.ts";

/** The flags of `penstock config` that are no keys of the configuration. */
export const configFlags = { json: "switch", schema: "switch" } as const;

/** Prints the configuration that the words resolve to, or the JSON Schema of every configuration. */
export async function runConfig(
  this: CliContext,
  _flags: Record<string, never>,
  ...given: string[]
): Promise<void> {
  const { own, words } = takeOwnFlags(given, configFlags);
  const print = (text: string): unknown => this.process.stdout.write(text);
  if (own.schema) {
    if (words.length > 0) throw strayWords(words);
    print(asJson(configJsonSchema()));
    return;
  }
  const { config, provenance, notices } = await loadConfig(words);
  for (const notice of notices) this.process.stderr.write(`${formatNotice(notice)}\n`);
  print(own.json ? asJson(withOrigins(config, provenance)) : toToml(config, originIn(provenance)));
}

/** The origin of every key, by the path that the TOML form writes it under. */
function withOrigins(config: Config, provenance: Provenance): object {
  const origins: Record<string, string> = {};
  const originOf = originIn(provenance);
  toToml(config, (path) => {
    origins[path] = originOf(path);
    return undefined;
  });
  return { config, origins };
}

function originIn(provenance: Provenance): (path: string) => string {
  return (path) => describeOrigin(provenance.get(path) ?? { kind: "default" });
}

function strayWords(words: readonly string[]): PenstockError<"COMMAND_INVALID"> {
  const reason = `--schema takes no further words, found "${words[0]!}"`;
  return new PenstockError("COMMAND_INVALID", { reason });
}

function asJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
