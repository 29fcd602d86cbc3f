import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { formatCommand } from "./format-command.ts";

test("formatCommand() shows variables, program and a line a flag", () => {
  const argv = ["vllm", "serve", "m", "--port", "8000", "--enforce-eager"];
  assert.deepEqual(formatCommand({ argv, env: { A: "1" } }), [
    "A=1 \\",
    "vllm serve m \\",
    "  --port 8000 \\",
    "  --enforce-eager",
  ]);
});

test("formatCommand() is what a shell runs, whatever the words hold", () => {
  const words = ["a b", "--x=$HOME", "it's", "--json", '{"a":[1,"`id`"]}', "", "*"];
  const script = "for word; do printf '[%s]' \"$word\"; done; printf '%s' \"$V\"";
  const argv = ["bash", "-c", script, "show", ...words];
  const command = formatCommand({ argv, env: { V: "x; y" } }).join("\n");
  const printed = execFileSync("bash", ["-c", command], { encoding: "utf8", timeout: 10_000 });
  assert.equal(printed, `${words.map((word) => `[${word}]`).join("")}x; y`);
});

test("formatCommand() shows no control characters", () => {
  assert.ok(
    !formatCommand({ argv: ["x", "\u001b[31m"], env: {} })
      .join("")
      .includes("\u001b"),
  );
});
