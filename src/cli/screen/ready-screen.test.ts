import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../../plan/mod.ts";
import { readyScreen } from "./ready-screen.ts";

const access = { key: null, certificateFile: null };

const plan: Plan = {
  version: 1,
  shape: "single_node",
  launcher: "local",
  model: {
    name: "penstock/reverse-moe",
    servedModelNames: ["penstock/reverse-moe"],
    source: "/p/models/penstock/reverse-moe",
  },
  engine: "embedded",
  instances: [],
  nodes: [],
  endpoints: { client: ["http://127.0.0.1:8000"], ranks: ["http://127.0.0.1:8100"], admin: [] },
  warnings: ["this is so"],
};

test("readyScreen() shows all that is needed on one screen", () => {
  assert.equal(
    readyScreen({ id: "k4f9ab", access, plan, logDirectory: "outputs/logs/attempt_0" }),
    `
Penstock is ready

  Model     penstock/reverse-moe
            /p/models/penstock/reverse-moe
  Engine    embedded, 1 rank behind the router
  Endpoint  http://127.0.0.1:8000/v1
  Ranks     http://127.0.0.1:8100
  Logs      outputs/logs/attempt_0
  Note      this is so

Try it:

  curl http://127.0.0.1:8000/v1/chat/completions -H 'content-type: application/json' \\
    -d '{"model":"penstock/reverse-moe","messages":[{"role":"user","content":"Reverse: turbine"}]}'

Ctrl-C stops everything; penstock status k4f9ab shows it from any shell
`,
  );
});

test("readyScreen() quotes names for the shell and shortens a long list of ranks", () => {
  const ranks = Array.from({ length: 9 }, (_, rank) => `http://127.0.0.1:${8100 + rank}`);
  const model = { name: "it's", servedModelNames: ["it's"], source: "/m" };
  const long = { ...plan, model, endpoints: { ...plan.endpoints, ranks } };
  const text = readyScreen({ id: "a", access, plan: long, logDirectory: "logs" });
  assert.ok(text.includes(String.raw`"model":"it'\''s"`));
  assert.match(text, /9 ranks behind the router/);
  assert.match(text, /:8103\n {12}and 5 more\n/);
  assert.match(text, /Say hello/);
});

test("readyScreen() shows every client URL, and ranks by their roles", () => {
  const instance = {
    id: "x",
    replica: 0,
    nodes: [0],
    tensorParallelSize: 1,
    dataParallel: null,
  } as const;
  const apart: Plan = {
    ...plan,
    instances: [
      { ...instance, role: "prefill", dataParallelSize: 2 },
      { ...instance, role: "prefill", dataParallelSize: 1 },
      { ...instance, role: "decode", dataParallelSize: 1 },
    ],
    endpoints: { client: ["http://127.0.0.1:8000", "http://127.0.0.4:8000"], ranks: [], admin: [] },
  };
  const text = readyScreen({ id: "a", access, plan: apart, logDirectory: "logs" });
  assert.match(text, /3 prefill and 1 decode ranks behind 2 routers/);
  assert.match(
    text,
    /Endpoint {2}http:\/\/127\.0\.0\.1:8000\/v1\n {12}http:\/\/127\.0\.0\.4:8000\/v1\n/,
  );
});

test("readyScreen() shows a Unix socket as it is, and how a key gets into a request", () => {
  const onSocket = { ...plan, endpoints: { ...plan.endpoints, client: ["unix:/run/p.sock"] } };
  const guarded = { key: { variable: "PENSTOCK_API_KEY" }, certificateFile: null };
  const text = readyScreen({ id: "a", plan: onSocket, access: guarded, logDirectory: "logs" });
  assert.match(text, /Endpoint {2}unix:\/run\/p\.sock\n/);
  assert.match(text, /curl --unix-socket \/run\/p\.sock http:\/\/localhost\/v1/);
  assert.match(text, /-H "Authorization: Bearer \$PENSTOCK_API_KEY"/);
});
