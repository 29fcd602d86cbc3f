/** Runs every command of the configuration guide as it is written there, and looks for every output that it shows. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, test } from "node:test";
import { commandsOf, readGuide } from "../support/guide/read-guide.ts";

const root = join(import.meta.dirname, "..", "..");
const timeoutMs = 60_000;

/** A directory that looks like the repository to the commands; what they write is gone with it. */
const directory = mkdtempSync(join(tmpdir(), "penstock-guide-"));
mkdirSync(join(directory, "bin"));
symlinkSync(join(root, "bin", "penstock.js"), join(directory, "bin", "penstock"));
for (const folder of ["examples", "models"])
  symlinkSync(join(root, folder), join(directory, folder));
after(() => rmSync(directory, { recursive: true, force: true }));

const blocks = readGuide("configuration.md").flatMap(({ blocks }) => blocks);

for (const [index, block] of blocks.entries()) {
  for (const command of commandsOf(block))
    test(`the guide's "${command}" does what the guide shows`, () => {
      const shown = blocks[index + 1]?.kind === "sh" ? undefined : blocks[index + 1];
      const isRefused = shown?.text.startsWith("penstock: Cannot") === true;
      const { status, stdout, stderr } = run(command);
      assert.equal(status, isRefused ? 2 : 0, stderr);
      if (shown?.kind === "text") assertShows(stdout + stderr, shown.text);
    });
}

test("the guide's lines of penstock config are printed", () => {
  const lines = blocks.filter(({ kind, text }) => kind === "toml" && / # default$/m.test(text));
  assert.equal(lines.length, 1);
  const { stdout } = run("penstock config @ examples/dp2.toml --server.port 9000");
  for (const line of lines[0]!.text.trim().split("\n"))
    assert.ok(stdout.split("\n").includes(line), line);
});

test("the guide's commands stand for many", () => {
  const commands = blocks.flatMap(commandsOf);
  assert.ok(commands.length > 10);
  for (const command of commands) assert.match(command, /^penstock (config|plan|fit|serve) /);
});

function run(command: string) {
  const path = [join(directory, "bin"), dirname(process.execPath), process.env["PATH"]];
  return spawnSync("bash", ["-c", command], {
    cwd: directory,
    // No test asks a hub that is not its own.
    env: { HF_HUB_OFFLINE: "1", ...process.env, PATH: path.join(delimiter), NO_COLOR: "1" },
    encoding: "utf8",
    timeout: timeoutMs,
    maxBuffer: 64 * 1024 * 1024,
  });
}

function assertShows(output: string, text: string): void {
  assert.ok(output.includes(text), `expected\n${text}\nin\n${output}`);
}
