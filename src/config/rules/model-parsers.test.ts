import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

test("modelParsers() takes a slip for a mistake", async () => {
  assert.match(await reportOf("--model.tool_call_parser hermse"), /did you mean "hermes"/);
  assert.match(await reportOf("--model.reasoning_parser qwen-3"), /did you mean "qwen3"/);
  const plugin = "--vllm-extra.tool_parser_plugin my.py";
  assert.ok(await load(`--model.tool_call_parser hermse ${plugin}`));
});

test("modelParsers() lets names pass that a new vLLM may have", async () => {
  assert.equal(await noticesOf("--model.tool_call_parser auto --model.reasoning_parser qwen3"), "");
  assert.match(
    await noticesOf("--model.tool_call_parser zzzzzzzzzz"),
    /no version of vLLM that is known here/,
  );
});
