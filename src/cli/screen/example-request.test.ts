import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Plan } from "../../plan/mod.ts";
import { exampleRequest } from "./example-request.ts";

function planFor(client: string, name = "m"): Plan {
  return { model: { name, source: "/m" }, endpoints: { client: [client] } } as unknown as Plan;
}

const open = { key: null, certificateFile: null };

/** The words that a shell gives to curl. */
function wordsOf(text: string, env: NodeJS.ProcessEnv = {}): readonly string[] {
  const script = `curl() { for word; do printf '%s\\0' "$word"; done; }\n${text}`;
  const output = execFileSync("sh", ["-c", script], { env: { ...process.env, ...env } });
  return output.toString().split("\0").slice(0, -1);
}

test("exampleRequest() is a command for a shell, whatever the model is called", () => {
  const words = wordsOf(exampleRequest(planFor("http://127.0.0.1:8000", "it's"), open));
  const body = words.at(-1)!;
  assert.deepEqual(words.slice(0, -1), [
    "http://127.0.0.1:8000/v1/chat/completions",
    "-H",
    "content-type: application/json",
    "-d",
  ]);
  assert.equal((JSON.parse(body) as { model: string }).model, "it's");
});

test("exampleRequest() reads the key where it is, and trusts the certificate", (context) => {
  const directory = mkdtempSync(join(tmpdir(), "penstock-it's here-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "keys");
  writeFileSync(file, "first\nsecond\n");
  const plan = planFor("https://127.0.0.1:8000");
  const text = exampleRequest(plan, { key: { file }, certificateFile: "/my certs/c.pem" });
  assert.doesNotMatch(text, /first/);
  assert.ok(wordsOf(text).join(" ").includes("--cacert /my certs/c.pem"));
  assert.ok(wordsOf(text).includes("Authorization: Bearer first"));
  const variable = exampleRequest(plan, { ...open, key: { variable: "PENSTOCK_API_KEY" } });
  assert.match(variable, / -H "Authorization: Bearer \$PENSTOCK_API_KEY" \\\n/);
  assert.ok(wordsOf(variable, { PENSTOCK_API_KEY: "k" }).includes("Authorization: Bearer k"));
});

test("exampleRequest() goes over a Unix socket where the router listens on one", () => {
  const plan = planFor("unix:/run/my p.sock");
  assert.deepEqual(wordsOf(exampleRequest(plan, open)).slice(0, 3), [
    "--unix-socket",
    "/run/my p.sock",
    "http://localhost/v1/chat/completions",
  ]);
  const secure = wordsOf(exampleRequest(plan, { key: null, certificateFile: "c" }));
  assert.ok(secure.includes("https://localhost/v1/chat/completions"));
});
