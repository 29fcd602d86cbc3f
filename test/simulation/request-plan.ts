/** How a rank answers a request when nothing goes wrong. */
export type AnswerKind =
  | "plain"
  | "plain chunked"
  | "until close"
  | "events"
  | "events until close";

/** What a client asks for, drawn before the run. */
export interface RequestPlan {
  /** Unique in the run; all content follows from it. */
  readonly id: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly sessionKey: string | undefined;
  /** With it, its client comes back for it after leaving. */
  readonly idempotencyKey: string | undefined;
  readonly promptBytes: number;
  readonly isChunked: boolean;
  readonly expectsContinue: boolean;
  readonly closes: boolean;
  readonly answer: AnswerKind;
  /** Events of a stream, or pieces of a plain body. */
  readonly tokenCount: number;
  readonly tokenBytes: number;
  readonly prefillMs: number;
  readonly tokenMs: number;
}

export const safePaths: ReadonlySet<string> = new Set([
  "/v1/completions",
  "/v1/chat/completions",
  "/tokenize",
]);
export const unsafePath = "/v1/audio/transcriptions";

/** Text that only its key decides and that shows where it was cut or mixed: its words are counted. */
export function patternOf(key: string, byteCount: number): string {
  let text = "";
  for (let word = 0; text.length < byteCount; word++) text += `${key}.${word} `;
  return text.slice(0, byteCount);
}

export function requestBody(plan: RequestPlan): string {
  if (plan.method === "GET") return "";
  const isStream = plan.answer.startsWith("events");
  const prompt = patternOf(plan.id, plan.promptBytes);
  return JSON.stringify({
    id: plan.id,
    model: "m",
    max_tokens: plan.tokenCount,
    stream: isStream,
    prompt,
  });
}

/** The parts of the whole answer, as the rank sends them. */
export function answerParts(plan: RequestPlan): readonly string[] {
  const parts: string[] = [];
  for (let index = 0; index < plan.tokenCount; index++) {
    const text = patternOf(`${plan.id}-${index}`, plan.tokenBytes);
    parts.push(
      plan.answer.startsWith("events")
        ? `data: ${JSON.stringify({ id: plan.id, index, text })}\n\n`
        : `${text}\n`,
    );
  }
  if (plan.answer.startsWith("events")) parts.push("data: [DONE]\n\n");
  return parts;
}

export function wholeAnswer(plan: RequestPlan): string {
  return answerParts(plan).join("");
}

/** What a rank says when it fails a request itself. */
export function rankErrorBody(plan: RequestPlan, status: number): string {
  return JSON.stringify({
    error: { message: `rank's own ${plan.id}`, type: "E", param: null, code: status },
  });
}
