import { setTimeout as sleep } from "node:timers/promises";
import { ask, reversed, type AskOptions, type ChatMessage } from "../support/ask.ts";
import type { Tally } from "./tally.ts";

export interface ConverseOptions {
  readonly urls: readonly string[];
  readonly words: readonly string[];
  readonly tally: Tally<AskOptions>;
  /** Mean time between an answer and the next question. */
  readonly thinkMs: number;
  readonly endMs: number;
  readonly random: () => number;
}

const turnCountMax = 6;
/** Some streams go on for long, so that kills find some in the middle; they end their conversation. */
const longShare = 0.025;
const longTokens = 2_560;

/** Holds one conversation after the other until the time is over; each is a session of its own. */
export async function converse(index: number, options: ConverseOptions): Promise<void> {
  const { endMs, thinkMs, random } = options;
  // So that sessions do not all ask at once.
  await sleep(random() * thinkMs);
  for (let conversation = 0; Date.now() < endMs; conversation++)
    await converseOnce(`session-${index}-${conversation}`, options);
}

async function converseOnce(session: string, options: ConverseOptions): Promise<void> {
  const { urls, words, tally, thinkMs, endMs, random } = options;
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const url = pick(urls);
  const history: ChatMessage[] = [];
  const turnCount = 1 + Math.floor(random() * turnCountMax);
  for (let turn = 0; turn < turnCount && Date.now() < endMs; turn++) {
    const isLong = random() < longShare;
    const question: AskOptions = {
      url,
      word: pick(words),
      kind: random() < 0.75 ? "chat" : "completions",
      stream: isLong || random() < 0.5,
      headers: { "x-session-id": session },
      history: [...history],
      ...(isLong && { talkOnTokens: longTokens }),
    };
    if ((await poses(question, tally)) && !isLong) {
      history.push({ role: "user", content: `Reverse: ${question.word}` });
      history.push({ role: "assistant", content: reversed(question.word) });
    }
    await sleep(thinkMs * (0.5 + random()));
  }
}

/** Whether the question was a turn of the chat that got its answer. */
async function poses(question: AskOptions, tally: Tally<AskOptions>): Promise<boolean> {
  const startMs = performance.now();
  try {
    const answer = await ask(question);
    const ms = performance.now() - startMs;
    tally.answered(question, reversed(question.word), { answer, ms });
    return question.kind === "chat" && answer.status === 200 && answer.ending === "whole";
  } catch (error) {
    tally.failed(error);
    return false;
  }
}
