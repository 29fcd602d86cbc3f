import type { ConfigNotice } from "./notice.ts";
import type { Origin } from "./origin.ts";
import type { ConfigProblem } from "./problem.ts";
import { type RuleFinding, rules } from "./rules/rules.ts";
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
      const place = placeOf(finding, settled);
      const { message } = finding;
      if (finding.adjust === undefined && finding.isRemark !== true)
        problems.push({ ...place, value: valueOf(config, place.path), message });
      else notices.push({ ...place, message });
      for (const { path, value } of finding.adjust ?? [])
        put(settled, { path, value, origin: { kind: "rule", because: message } });
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

/** A finding is shown at the first of its keys that is not at its default. */
function placeOf({ paths }: RuleFinding, { origins }: Settled): Place {
  const set = paths.find((path) => origins.has(path));
  const path = set ?? paths[0]!;
  return { path, origin: origins.get(path) ?? { kind: "default" } };
}

function valueOf(config: Config, path: string): unknown {
  const keys = path.match(/"(?:[^"\\]|\\.)*"|[^.]+/g) ?? [];
  const names = keys.map((key) => (key.startsWith('"') ? (JSON.parse(key) as string) : key));
  return valueAt(config, names);
}
