import type { Answer } from "../support/ask.ts";

/** A question with what came of it, kept to be judged at the end. */
export interface Doubt<Question> {
  readonly question: Question;
  readonly text: string;
}

/** What became of every request of a soak. */
export class Tally<Question> {
  requestCount = 0;
  rightCount = 0;
  /** Streams that a kill cut and that said so. */
  toldCutCount = 0;
  /** Answers that ended early without a word. */
  silentCutCount = 0;
  readonly latenciesMs: number[] = [];
  /** Answers that are not the right one. */
  readonly doubts: Doubt<Question>[] = [];
  /** Requests without an answer, by what the client saw: "status 503", "other side closed". */
  readonly lost = new Map<string, number>();

  answered(question: Question, wanted: string, { answer, ms }: Timed): void {
    this.requestCount++;
    this.latenciesMs.push(ms);
    if (answer.status !== 200) this.#lose(`status ${answer.status}: ${answer.error.slice(0, 160)}`);
    else if (answer.ending === "error-event") this.toldCutCount++;
    else if (answer.ending === "torn") this.silentCutCount++;
    else if (answer.text === wanted) this.rightCount++;
    else this.doubts.push({ question, text: answer.text });
  }

  /** For a request of which not even the head of an answer came. */
  failed(error: unknown): void {
    this.requestCount++;
    const { message, cause } = error as Error;
    this.#lose(cause instanceof Error ? cause.message : message);
  }

  get lostCount(): number {
    return [...this.lost.values()].reduce((sum, count) => sum + count, 0);
  }

  #lose(reason: string): void {
    this.lost.set(reason, (this.lost.get(reason) ?? 0) + 1);
  }
}

export interface Timed {
  readonly answer: Answer;
  readonly ms: number;
}
