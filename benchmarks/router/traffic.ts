/** What goes through the routers: requests as clients of a vLLM server send them, and the answers of such a server. */

export type Shape = "post" | "stream" | "large";

export const path = "/v1/chat/completions";
const sessionCount = 1_000;
const largeBodyBytes = 626_000;
const postBodyBytes = 2_048;

/** Body of every answer that is not a stream. */
export const answerBody = Buffer.from(
  JSON.stringify({
    id: "chatcmpl-2f6a0c7d1b3e4f58a9c0d1e2f3a4b5c6",
    object: "chat.completion",
    created: 1_760_000_000,
    model: "PrimeIntellect/INTELLECT-3",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "The turbine hums.", tool_calls: [] },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: { prompt_tokens: 512, completion_tokens: 6, total_tokens: 518 },
  }),
);

/** One server-sent event of a streamed answer; all of them but the last are the same. */
export const eventBytes = Buffer.from(
  `data: ${JSON.stringify({
    id: "chatcmpl-2f6a0c7d1b3e4f58a9c0d1e2f3a4b5c6",
    object: "chat.completion.chunk",
    created: 1_760_000_000,
    model: "PrimeIntellect/INTELLECT-3",
    choices: [
      {
        index: 0,
        delta: { content: " turbine" },
        logprobs: null,
        finish_reason: null,
        token_ids: null,
      },
    ],
  })}\n\n`,
);

export const doneBytes = Buffer.from("data: [DONE]\n\n");

/** Milliseconds between two events of one stream: a decode step of a busy rank. */
export const eventGapMs = 50;

/** A request as the parts that go to the socket one after the other. */
export type Request = readonly Buffer[];

/** One request of each of many sessions; `eventCount` is how many events a streamed answer shall have. */
export function makeRequests(shape: Shape, eventCount: number): readonly Request[] {
  const body = makeBody(shape, eventCount);
  return Array.from({ length: sessionCount }, (_, session) => {
    const head = Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: router\r\nuser-agent: bench\r\naccept: */*\r\n` +
        `content-type: application/json\r\nx-session-id: trajectory-${session}\r\n` +
        `content-length: ${body.length}\r\n\r\n`,
    );
    return shape === "large" ? [head, body] : [Buffer.concat([head, body])];
  });
}

/** Length of the answer's body, without chunk framing. */
export function answerBytes(shape: Shape, eventCount: number): number {
  return shape === "stream" ? eventBytes.length * eventCount + doneBytes.length : answerBody.length;
}

function makeBody(shape: Shape, eventCount: number): Buffer {
  const make = (content: string) =>
    JSON.stringify({
      model: "PrimeIntellect/INTELLECT-3",
      stream: shape === "stream",
      max_tokens: eventCount,
      temperature: 1,
      messages: [{ role: "user", content }],
    });
  const wanted = shape === "large" ? largeBodyBytes : postBodyBytes;
  return Buffer.from(make("turbine ".repeat(wanted).slice(0, wanted - make("").length)));
}
