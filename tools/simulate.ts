/**
 * Runs the router's own logic in simulated worlds: `npm run simulate -- 12345`, with `--trace` to see all that happens,
 * `--seeds 1000` for as many seeds from there on. Exit code 1 where an invariant does not hold.
 */
import { parseArgs } from "node:util";
import { describeFailure } from "../test/simulation/describe-failure.ts";
import { runSeed } from "../test/simulation/simulation.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
  },
});
const say = (text: string): unknown => process.stdout.write(`${text}\n`);
const firstSeed = whole("SEED", positionals[0]);
const seedCount = whole("--seeds", values.seeds);
/** Between two lines of progress: about ten seconds. */
const progressSeeds = 500;
let requestCount = 0;
let failureCount = 0;
for (let seed = firstSeed; seed < firstSeed + seedCount; seed++) {
  const result = await runSeed(seed, { isTracing: values.trace });
  requestCount += result.records.length;
  const doneCount = seed - firstSeed + 1;
  if (doneCount % progressSeeds === 0 && doneCount < seedCount) {
    process.stderr.write(`${doneCount} of ${seedCount} seeds, ${failureCount} failed\n`);
  }
  if (values.trace) say(result.lines.join("\n"));
  if (result.violations.length === 0) continue;
  failureCount++;
  say(await describeFailure(result));
}
say(`${seedCount} seeds, ${requestCount} requests: ${failureCount} seeds failed`);
process.exitCode = failureCount === 0 ? 0 : 1;

function whole(name: string, text: string | undefined): number {
  const value = Number(text);
  if (text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new Error(`Cannot simulate with ${name} ${text ?? "missing"}: a whole number is needed`);
}
