import { after, before, test } from "node:test";
import { assertRefused } from "../test-support/assert-answer.ts";
import { type ModelServer, startModelServer } from "../test-support/start-model-server.ts";

const chatPath = "/v1/chat/completions";
let model: ModelServer;
before(async () => {
  model = await startModelServer();
});
after(() => model.server.close());

const choice = { index: 0, token_ids: [1] };
const answerOf = (wanted: object) => ({ request_id: "x", choices: [{ ...choice, ...wanted }] });
const refused: readonly (readonly [string, object, Record<string, unknown>])[] = [
  [chatPath, {}, { param: "body.generate_response" }],
  [chatPath, { generate_response: answerOf({ token_ids: [] }) }, { type: "BadRequestError" }],
  [chatPath, { generate_response: answerOf({ token_ids: null }) }, { type: "BadRequestError" }],
  [
    chatPath,
    { generate_response: { ...answerOf({}), output_mode: "text" } },
    { param: "body.generate_response.output_mode" },
  ],
  [
    chatPath,
    { generate_response: answerOf({ token_ids: Array.from({ length: 513 }, () => 1) }) },
    { message: "token_ids length (513) exceeds the maximum of 512." },
  ],
  [
    chatPath,
    { generate_response: answerOf({ logprobs: { content: [{ token: "a", logprob: 0 }] } }) },
    { param: "logprobs" },
  ],
  [chatPath, { generate_response: answerOf({}), model: "x" }, { code: 404, type: "NotFoundError" }],
  [
    chatPath,
    { stream: true, generate_chunk: { request_id: "x", choices: [choice, choice] } },
    { param: "body.generate_chunk.choices" },
  ],
  [
    chatPath,
    { stream: true, generate_chunk: answerOf({}), stream_state: { role_sent: 1 } },
    { type: "Bad Request" },
  ],
  ["/v1/completions", { generate_responses: [] }, { param: "body.generate_responses" }],
  [
    "/v1/completions",
    { generate_responses: [answerOf({})], prompt_tokens: [1, 2] },
    { param: "body.prompt_tokens" },
  ],
];

for (const [path, body, error] of refused)
  test(`${path}/derender refuses ${JSON.stringify(body).slice(0, 100)}`, async () => {
    const { code = 400, ...facts } = error;
    await assertRefused(await model.post(`${path}/derender`, body), Number(code), facts);
  });
