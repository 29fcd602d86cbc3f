/**
 * Feeds made-up messages to the router's HTTP parsing and to Node's, and fails where the two read one differently in
 * a way that test/fuzz/http/differences.ts does not list: `npm run fuzz:http -- --inputs 1000000 --seed 1
 * --processes 2`. A finding is printed with the line that shows it again, its least form and both readings:
 * `npm run fuzz:http -- --seed 1 --input 4711`.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inspect, parseArgs } from "node:util";
import { type Finding, fuzz, judge, type Tally } from "../test/fuzz/http/fuzz.ts";
import { generate } from "../test/fuzz/http/generate.ts";
import { minimise } from "../test/fuzz/http/minimise.ts";
import { readAsNode } from "../test/fuzz/http/node-parser.ts";
import { readAsPenstock } from "../test/fuzz/http/penstock-parser.ts";

/** Inputs between two reports of a process. */
const batchCount = 100_000;

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    processes: { type: "string", default: "1" },
    input: { type: "string" },
    from: { type: "string", default: "0" },
  },
});
const seed = whole("seed");
if (process.send !== undefined) work();
else if (values.input !== undefined) show(whole("input"));
else await main();

async function main(): Promise<void> {
  const inputCount = whole("inputs");
  const processCount = whole("processes");
  const beganMs = performance.now();
  const share = Math.ceil(inputCount / processCount);
  const tallies = await Promise.all(
    Array.from({ length: processCount }, (_, index) =>
      runProcess(index * share, Math.min(share, inputCount - index * share)),
    ),
  );
  report(tallies.flat(), (performance.now() - beganMs) / 1_000);
}

/** One process over its share of the inputs; gives the tallies of its batches. */
async function runProcess(from: number, count: number): Promise<readonly Tally[]> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const tallies: Tally[] = [];
  const args = ["--seed", `${seed}`, "--from", `${from}`, "--inputs", `${count}`];
  const child = fork(fileURLToPath(import.meta.url), args);
  child.on("message", (tally) => void tallies.push(tally as Tally));
  child.on("error", reject);
  child.on("exit", (code, signal) => {
    if (code === 0) resolve();
    else reject(new Error(`A process of the fuzzer ended with ${signal ?? code}`));
  });
  await promise;
  return tallies;
}

function work(): void {
  const end = whole("from") + whole("inputs");
  for (let from = whole("from"); from < end; from += batchCount) {
    const tally = fuzz({ seed, from, count: Math.min(batchCount, end - from) });
    process.send!(tally);
    if (tally.findings.length > 0) return;
  }
}

function report(tallies: readonly Tally[], seconds: number): void {
  const differences: Record<string, number> = {};
  for (const [name, count] of tallies.flatMap((tally) => Object.entries(tally.differences))) {
    differences[name] = (differences[name] ?? 0) + count;
  }
  const byCount = Object.entries(differences).sort(([, one], [, other]) => other - one);
  for (const [name, count] of byCount) say(`${`${count}`.padStart(9)} ${name}`);
  const inputCount = sum(tallies, ({ inputCount }) => inputCount);
  const takenCount = sum(tallies, ({ takenCount }) => takenCount);
  const rate = Math.round(inputCount / seconds);
  say(`${inputCount} inputs in ${seconds.toFixed(1)} s, ${rate} a second`);
  say(`${takenCount} begin with a message that both take and read alike`);
  const findings = tallies.flatMap(({ findings }) => findings);
  for (const { number } of findings) show(number);
  say(
    findings.length === 0
      ? "Ok: every difference is listed"
      : `Not ok: ${findings.length} findings`,
  );
  if (findings.length > 0) process.exitCode = 1;
}

/** One input, in its least form where it is a finding, and what each makes of it. */
function show(number: Finding["number"]): void {
  const input = generate(seed, number);
  const verdict = judge(input);
  const isStill = (other: typeof input) => judge(other).kind === "finding";
  const least = verdict.kind === "finding" ? minimise(input, isStill) : input;
  say(`\nnpm run fuzz:http -- --seed ${seed} --input ${number}`);
  say(inspect({ verdict, input: least, node: readAsNode(least) }, { depth: 5 }));
  say(inspect({ penstock: readAsPenstock(least) }, { depth: 5 }));
}

function sum(tallies: readonly Tally[], of: (tally: Tally) => number): number {
  return tallies.reduce((total, tally) => total + of(tally), 0);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function whole(name: "inputs" | "seed" | "processes" | "input" | "from"): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`Cannot fuzz with --${name} ${values[name]}: a whole number is needed`);
}
