import { isTable } from "../base/mod.ts";
import type { ConfigNotice } from "./notice.ts";
import type { Origin } from "./origin.ts";
import type { ConfigProblem } from "./problem.ts";
import type { RuleFinding } from "./rules/finding.ts";
import { rules } from "./rules/rules.ts";
import { type Config, configSchema } from "./schema/config.ts";
import { put, type Settled, valueAt } from "./settle.ts";

interface Ruled {
  readonly problems: readonly ConfigProblem[];
  readonly notices: readonly ConfigNotice[];
}

/** Asks every rule, and carries out what they adjust. Keys that are wrong already are left out. */
export function applyRules(settled: Settled, wrongPaths: ReadonlySet<string>): Ruled {
  const problems: ConfigProblem[] = [];
  const notices: ConfigNotice[] = [];
  let config = parseConfig(settled);
  for (const rule of rules) {
    const findings = rule(config, (path) => settled.origins.has(path)).filter(
      ({ paths }) => !paths.some((path) => wrongPaths.has(path)),
    );
    for (const finding of findings) {
      const { message, adjust, isRemark } = finding;
      const place = placeOf(finding, settled);
      if (adjust !== undefined) {
        notices.push({ path: finding.paths[0]!, origin: place.origin, message });
        put(settled, { ...adjust, origin: { kind: "rule", because: message } });
      } else if (isRemark === true) notices.push({ ...place, message });
      else if (!problems.some((known) => known.path === place.path && known.message === message))
        problems.push({ ...place, ...valueOf(config, place.path), message });
    }
    if (findings.some(({ adjust }) => adjust !== undefined)) config = parseConfig(settled);
  }
  return { problems, notices };
}

function parseConfig({ table }: Settled): Config {
  return configSchema.parse(table);
}

interface Place {
  readonly path: string;
  readonly origin: Origin;
}

/** The first of its keys that a file or a flag set. */
function placeOf({ paths }: RuleFinding, { origins }: Settled): Place {
  for (const path of paths) {
    const origin = origins.get(path);
    if (origin?.kind === "file" || origin?.kind === "flag") return { path, origin };
  }
  return { path: paths[0]!, origin: { kind: "default" } };
}

/** A section is not shown as a value: it would be cut, and says nothing that the file does not. */
function valueOf(config: Config, path: string): { readonly value?: unknown } {
  const keys = path.match(/"(?:[^"\\]|\\.)*"|[^.]+/g) ?? [];
  const names = keys.map((key) => (key.startsWith('"') ? (JSON.parse(key) as string) : key));
  const value = valueAt(config, names);
  return isTable(value) ? {} : { value };
}
