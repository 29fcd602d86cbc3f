import { type RunResult, runSeed } from "./simulation.ts";

/** Lines that say most about one request. */
const linesMax = 40;

/** The one-line replay of a failing seed, what is wrong, and what happened to the request concerned. */
export async function describeFailure({ seed, violations }: RunResult): Promise<string> {
  const lines = violations.map(({ invariant, detail, requestId }) => {
    const whose = requestId === undefined ? "" : ` (${requestId})`;
    return `  ${invariant}: ${detail}${whose}`;
  });
  const id = violations[0]?.requestId;
  const { lines: trace } = await runSeed(seed, { isTracing: true });
  const word = new RegExp(`\\b${id}\\b`);
  const told =
    id === undefined ? trace : trace.filter((line) => word.test(line) || line.includes("FAULT"));
  return [
    `Seed ${seed} failed. Replay: npm run simulate -- ${seed} --trace`,
    ...lines,
    ...told.slice(-linesMax).map((line) => `    ${line}`),
  ].join("\n");
}
