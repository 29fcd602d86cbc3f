/** Questions to the bundled model whose answers can be checked, in every form that the API has for them. */

export interface AskOptions {
  /** Of the router or a rank, without a path. */
  readonly url: string;
  readonly word: string;
  /** By default the bundled mixture of experts. */
  readonly model?: string;
  readonly kind: "chat" | "completions";
  readonly stream: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** What was said before, for a chat. */
  readonly history?: readonly ChatMessage[];
  /** Lets the model talk on past its answer, for so many tokens in all. */
  readonly talkOnTokens?: number;
  readonly timeoutMs?: number;
}

export interface ChatMessage {
  readonly role: "user" | "assistant";
  readonly content: string;
}

export interface Answer {
  readonly status: number;
  /** What the model said; as far as it came. */
  readonly text: string;
  /**
   * "whole": the body is complete. "error-event": the stream was cut and said so. "torn": it was cut without a word.
   */
  readonly ending: "whole" | "error-event" | "torn";
  /** The error of a status that is not 200 or of an error event; empty otherwise. */
  readonly error: string;
  readonly headers: Headers;
}

export const model = "penstock/reverse-moe";
const answerTokensMax = 32;

export function reversed(word: string): string {
  return word.split("").toReversed().join("");
}

/** Asks for a word backwards. Rejects where no head of an answer comes: nobody listens, a cut connection, the time. */
export async function ask(options: AskOptions): Promise<Answer> {
  const { url, kind, headers = {}, timeoutMs = 120_000 } = options;
  const path = kind === "chat" ? "chat/completions" : "completions";
  const response = await fetch(`${url}/v1/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(requestBody(options)),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const { body, isTorn } = await readAll(response);
  const answer = read(options, response.status, body);
  const ending = isTorn && answer.ending === "whole" ? "torn" : answer.ending;
  return { ...answer, ending, status: response.status, headers: response.headers };
}

function requestBody(options: AskOptions): unknown {
  const { word, kind, stream, history = [], talkOnTokens } = options;
  const { model: asked = model } = options;
  const length =
    talkOnTokens === undefined
      ? { max_tokens: answerTokensMax }
      : { max_tokens: talkOnTokens, ignore_eos: true };
  const common = { model: asked, stream, temperature: 0, ...length };
  const message = { role: "user", content: `Reverse: ${word}` };
  return kind === "chat"
    ? { ...common, messages: [...history, message] }
    : { ...common, prompt: `Reverse: ${word} =>` };
}

async function readAll(response: Response): Promise<{ body: string; isTorn: boolean }> {
  const decoder = new TextDecoder();
  let body = "";
  try {
    for await (const chunk of response.body!) body += decoder.decode(chunk, { stream: true });
    return { body, isTorn: false };
  } catch {
    return { body, isTorn: true }; // What came is judged all the same.
  }
}

type Read = Pick<Answer, "text" | "ending" | "error">;

function read({ kind, stream }: AskOptions, status: number, body: string): Read {
  if (status !== 200) return { text: "", ending: "whole", error: body };
  const read = stream ? readEvents(body) : readObject(body);
  // A completion goes on in the line of its prompt, with a blank.
  return kind === "chat" ? read : { ...read, text: read.text.trim() };
}

function readObject(body: string): Read {
  try {
    const { choices } = JSON.parse(body) as CompletionBody;
    const [choice] = choices!;
    return { text: choice!.message?.content ?? choice!.text ?? "", ending: "whole", error: "" };
  } catch {
    return { text: "", ending: "torn", error: body };
  }
}

function readEvents(body: string): Read {
  const events = body
    .split("\n\n")
    .map((event) => event.replace(/^data: /, ""))
    .filter((event) => event !== "");
  // The error of a stream that is cut stands before its [DONE], as vLLM has it.
  const told = events.findIndex((event) => /^\{"error"\s*:/.test(event));
  if (told !== -1)
    return { text: textOf(events.slice(0, told)), ending: "error-event", error: events[told]! };
  const text = textOf(events.slice(0, -1));
  const last = events.at(-1) ?? "";
  return last === "[DONE]"
    ? { text, ending: "whole", error: "" }
    : { text, ending: "torn", error: last };
}

function textOf(events: readonly string[]): string {
  return events
    .flatMap((event) => (JSON.parse(event) as CompletionBody).choices ?? [])
    .map((choice) => choice.delta?.content ?? choice.text ?? "")
    .join("");
}

interface CompletionBody {
  readonly choices?: readonly {
    readonly text?: string;
    readonly message?: { readonly content: string | null };
    readonly delta?: { readonly content?: string };
  }[];
}
