import { answerParts, rankErrorBody, wholeAnswer } from "./request-plan.ts";
import type { Outcome, RequestRecord, World } from "./world.ts";

export interface Answer {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  body: string;
}

/** How much of an answer came: all, a part, or nothing. */
export interface Received {
  readonly answer: Answer | undefined;
  readonly end: "whole" | "cut" | "none";
  /** All that its connection was lost with: a reset for one of them may take what another has not read yet. */
  readonly companions: readonly RequestRecord[];
}

/** What became of a request; whatever its client must not see is a violation. */
export function judgeAnswer(world: World, record: RequestRecord, received: Received): Outcome {
  const { plan } = record;
  const outcome = readAnswer(world, record, received);
  if (outcome !== "whole" && !isJustified(world, record, received)) {
    const { answer } = received;
    const said = answer === undefined ? "" : ` ${answer.status} ${answer.body.slice(-300)}`;
    world.violate("no failure without a fault", `${outcome}${said}`, plan.id);
  }
  return outcome;
}

function readAnswer(world: World, record: RequestRecord, { answer, end }: Received): Outcome {
  if (answer === undefined) return "closed";
  const { plan } = record;
  const mix = (detail: string) => world.violate("answers are not mixed", detail, plan.id);
  const isOwn = answer.fields.get("x-sim-rank") === undefined;
  if (!isOwn) checkFields(answer, record, mix);
  const wanted = wholeAnswer(plan);
  if (answer.status === 200) {
    if (end === "whole" && answer.body === wanted) return "whole";
    if (end === "cut") {
      if (!wanted.startsWith(withoutError(answer.body)))
        mix(`${answer.body.length} bytes are not its own`);
      return "cut";
    }
    if (isBrokenStream(answer.body, record)) return "broken stream";
    const detail = wanted.startsWith(answer.body)
      ? `${answer.body.length} of ${wanted.length} bytes look like the whole answer`
      : `a whole answer of other bytes: ${answer.body.slice(0, 300)}`;
    world.violate("no silent end", detail, plan.id);
    return "whole";
  }
  if (end === "cut") return "cut";
  if (!isOwn && answer.body !== rankErrorBody(plan, answer.status)) mix(answer.body.slice(0, 200));
  if (isOwn) checkError(world, record, answer);
  return "error";
}

function checkFields(
  { fields }: Answer,
  { plan }: RequestRecord,
  mix: (detail: string) => void,
): void {
  if (fields.get("x-request-id") !== plan.id) mix(`it has the id ${fields.get("x-request-id")}`);
  if (fields.get("x-sim-rank") !== fields.get("x-penstock-rank")) {
    mix(`rank ${fields.get("x-sim-rank")} is called ${fields.get("x-penstock-rank")}`);
  }
}

/** The router's error event may itself be cut, where a request behind it loses the connection. */
function withoutError(body: string): string {
  const errorAt = body.indexOf('data: {"e'); // Events of ranks go on in another way.
  return errorAt === -1 ? body : body.slice(0, errorAt);
}

/** Whether it is the beginning of its own stream, whole events only, with the error event behind it. */
function isBrokenStream(body: string, { plan }: RequestRecord): boolean {
  if (!plan.answer.startsWith("events")) return false;
  const errorAt = body.indexOf('data: {"error":');
  if (errorAt === -1) return false;
  const events = body.slice(errorAt);
  const match = /^data: (\{"error":.*\})\n\ndata: \[DONE\]\n\n$/.exec(events);
  if (match === null) return false;
  const { error } = JSON.parse(match[1]!) as { error: { code: number } };
  if (error.code !== 502) return false;
  let whole = "";
  for (const part of ["", ...answerParts(plan)]) {
    whole += part;
    if (whole === body.slice(0, errorAt)) return true;
  }
  return false;
}

function checkError(world: World, { plan }: RequestRecord, { status, body, fields }: Answer): void {
  try {
    const { error } = JSON.parse(body) as { error: { message: string; code: number } };
    const isWell = error.code === status && typeof error.message === "string";
    if (!isWell) world.violate("answers are well-formed", `error ${body}`, plan.id);
  } catch (error) {
    // No JSON: that is what is told.
    world.violate("answers are well-formed", `${(error as Error).message}: ${body}`, plan.id);
  }
  const wantsRetryAfter = status === 503 || status === 429;
  if (wantsRetryAfter && fields.get("retry-after") === undefined) {
    world.violate("answers are well-formed", `${status} without Retry-After`, plan.id);
  }
}

/** Whether something happened for which the router may fail a request so. */
function isJustified(world: World, record: RequestRecord, received: Received): boolean {
  if (world.queue.nowMs >= world.drainBeganAtMs) return true;
  const { companions, answer } = received;
  if (companions.some(({ faults }) => faults.length > 0) || world.wasDisturbed(record)) return true;
  const { status } = record;
  // It came back before the router knew that it had left.
  if (status === 409 && record.returnCount > 0) return true;
  if (companions.some(({ isDawdling }) => isDawdling) && (answer === undefined || status === 408)) {
    return true;
  }
  // Turned away at the door: a client that was still sending may lose the answer to the reset.
  return world.isTight && (status === 503 || status === 429 || status === 0);
}
