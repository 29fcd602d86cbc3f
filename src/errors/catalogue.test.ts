import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "./catalogue.ts";
import { configErrors } from "./topics/config.ts";
import { engineErrors } from "./topics/engine.ts";
import { launchErrors } from "./topics/launch.ts";
import { modelErrors } from "./topics/model.ts";
import { routerErrors } from "./topics/router.ts";
import { serverErrors } from "./topics/server.ts";

test("catalogue keeps every code of every topic: none is defined twice", () => {
  const topics = [
    configErrors,
    engineErrors,
    launchErrors,
    modelErrors,
    routerErrors,
    serverErrors,
  ];
  const codes = topics.flatMap((topic) => Object.keys(topic));
  assert.deepEqual(codes.toSorted(), Object.keys(catalogue).toSorted());
});

test("catalogue codes are SCREAMING_SNAKE and each says when it appears", () => {
  for (const [code, { about }] of Object.entries(catalogue) as [string, { about: string }][]) {
    assert.match(code, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    assert.match(about, /^[A-Z].*\.$/);
  }
});
