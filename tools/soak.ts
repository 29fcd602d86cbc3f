/**
 * Keeps a disaggregated deployment under Slurm busy for long, while its ranks are killed: `npm run soak`, or
 * `npm run soak -- --minutes 30 --sessions 200 --think-seconds 6 --kill-every-seconds 60`. Needs what
 * `npm run test:slurm` needs. Prints a table at the end; exit code 1 on a wrong answer, a lost request, an answer that
 * was cut without a word, a lease that is never released or memory that grows.
 */
import { parseArgs } from "node:util";
import { soakReport } from "../test/soak/report.ts";
import { soak } from "../test/soak/soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    sessions: { type: "string", default: "200" },
    "think-seconds": { type: "string", default: "6" },
    "kill-every-seconds": { type: "string", default: "60" },
  },
});

const say = (text: string): unknown => process.stdout.write(`${text}\n`);
const result = await soak({
  minutes: positive("minutes"),
  sessionCount: positive("sessions"),
  thinkMs: positive("think-seconds") * 1_000,
  killEveryMs: positive("kill-every-seconds") * 1_000,
  say,
});
const { table, faults } = soakReport(result);
say(`\n${table}\n`);
say(faults.length === 0 ? "Ok" : `Not ok: ${faults.join("; ")}`);
process.exitCode = faults.length === 0 ? 0 : 1;

function positive(name: keyof typeof values): number {
  const value = Number(values[name]);
  if (value > 0) return value;
  throw new Error(`Cannot soak with --${name} ${values[name]}: a number above 0 is needed`);
}
