import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRequestHead } from "../http1/request-head.ts";
import { generationRoute } from "./generation-route.ts";

const routeOf = (line: string) =>
  generationRoute(parseRequestHead(`${line} HTTP/1.1\r\nhost: x`, 8));

test("generationRoute() knows the routes whose prompts can be handed over", () => {
  assert.equal(routeOf("POST /v1/completions"), "completions");
  assert.equal(routeOf("POST /v1/chat/completions?x=1"), "chat");
});

test("generationRoute() sees through escapes in a path, as servers do", () => {
  assert.equal(routeOf("POST /v1/%63ompletions"), "completions");
  assert.equal(routeOf("POST /v1%2Fchat/completion%73?x=%"), "chat");
  assert.equal(routeOf("POST /v1/completions%"), undefined);
});

test("generationRoute() leaves everything else to the decode ranks", () => {
  for (const line of [
    "GET /v1/completions",
    "POST /v1/completions/",
    "POST /tokenize",
    "POST /v1/embeddings",
    "POST /x?/v1/completions",
  ]) {
    assert.equal(routeOf(line), undefined, line);
  }
});
