import assert from "node:assert/strict";
import type { TestServer } from "./start-test-server.ts";

/** The server still answers; its engine says "ok". */
export async function assertAlive({ post }: TestServer): Promise<void> {
  const response = await post("/v1/completions", { prompt: "a" });
  assert.equal(response.status, 200);
  assert.match(await response.text(), /"text":"ok"/);
}

/** The answer is an error in vLLM's shape, with these keys of it. */
export async function assertRefused(
  response: Response,
  status: number,
  error: Record<string, unknown>,
): Promise<void> {
  const body = (await response.json()) as { error: Record<string, unknown> };
  assert.equal(response.status, status, JSON.stringify(body));
  assert.deepEqual(Object.keys(body.error), ["message", "type", "param", "code"]);
  assert.partialDeepStrictEqual(body.error, { code: status, ...error });
}
