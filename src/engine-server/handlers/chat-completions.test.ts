import assert from "node:assert/strict";
import { test } from "node:test";
import { saying } from "../test-support/fake-engine.ts";
import { startTestServer } from "../test-support/start-test-server.ts";
const messages = [{ role: "user", content: "hi" }];

test("/v1/chat/completions gives the rest of the context to the answer", async (context) => {
  const { post, engine } = await startTestServer(context, { script: saying("h") });
  await post("/v1/chat/completions", { messages });
  assert.equal(engine.submitted[0]?.samplingParams.maxTokens, 256 - 21);
});

test("/v1/chat/completions passes chat_template_kwargs to the template", async (context) => {
  const { post, engine } = await startTestServer(context, { script: saying("h") });
  const chat_template_kwargs = { shout: "HEY" };
  await post("/v1/chat/completions", { messages, chat_template_kwargs });
  const prompt = Buffer.from(engine.submitted[0]!.promptTokenIds.map((id) => Math.min(id, 255)));
  assert.match(prompt.toString("latin1"), /HEY/);
});
