import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConfigProblem, formatProblems, problemsShownMax } from "./problem.ts";

const file = { path: "a.toml", text: "seed = 1\n[server]\nport = 2" };
const inFile = (keys: readonly string[]) => ({ kind: "file", file, keys, order: 0 }) as const;

test("formatProblems() sorts by place, whatever the order of discovery", () => {
  const problems: readonly ConfigProblem[] = [
    { origin: { kind: "flag", flag: "--x", order: 5 }, path: "x", message: "Third" },
    { origin: inFile(["server", "port"]), path: "server.port", value: 2, message: "Second" },
    { origin: inFile(["seed"]), path: "seed", message: "First" },
  ];
  assert.equal(
    formatProblems(problems),
    "  a.toml:1:1  seed\n      First\n  a.toml:3:8  server.port = 2\n      Second\n  --x\n      Third",
  );
});

test("formatProblems() names the key where the flag has another name than it", () => {
  const at = (flag: string, path: string) =>
    formatProblems([{ origin: { kind: "flag", flag, order: 0 }, path, value: 1, message: "M" }]);
  assert.equal(at("--server", "server.x"), "  --server  server.x = 1\n      M");
  assert.equal(at("--port", "server.port"), "  --port  server.port = 1\n      M");
  assert.equal(at("--dry-run", "dry_run"), "  --dry-run  1\n      M");
  assert.equal(at("--no-dry-run", "dry_run"), "  --no-dry-run  1\n      M");
});

test("formatProblems() counts what it does not show, at its limit", () => {
  const problem = { origin: { kind: "default" }, path: "p", message: "M" } as const;
  const report = (count: number) => formatProblems(Array.from({ length: count }, () => problem));
  assert.doesNotMatch(report(problemsShownMax), /more/);
  const lines = report(problemsShownMax + 2).split("\n");
  assert.deepEqual([lines.length, lines.at(-1)], [2 * problemsShownMax + 1, "  … and 2 more"]);
});

test("formatProblems() cuts long values, at its limit", () => {
  const problem = { origin: inFile(["seed"]), path: "seed", message: "Wrong" };
  const short = formatProblems([{ ...problem, value: "x".repeat(78) }]);
  assert.match(short, /"x{78}"\n/);
  assert.match(formatProblems([{ ...problem, value: "x".repeat(79) }]), /"x{79}…\n/);
});

test("formatProblems() names the file alone where the place is not known", () => {
  assert.match(
    formatProblems([{ origin: inFile(["no"]), path: "no", message: "M" }]),
    /a\.toml {2}no/,
  );
  assert.match(
    formatProblems([{ origin: { kind: "default" }, path: "p", message: "M" }]),
    /default {2}p/,
  );
});
