import type { Answer } from "../support/ask.ts";

/** A question with what came of it, kept to be judged at the end. */
export interface Doubt<Question> {
  readonly question: Question;
  readonly text: string;
}

/** Answers that talk on and are judged whole: for all of them an undisturbed engine would need longer than the soak. */
const samplesMax = 48;

/** What became of every request of a soak. */
export class Tally<Question extends { readonly talkOnTokens?: number }> {
  requestCount = 0;
  rightCount = 0;
  /** Answers that began right and talked on as they were told to. */
  talkedOnCount = 0;
  /** Streams that a kill cut and that said so. */
  toldCutCount = 0;
  /** Answers that ended early without a word. */
  silentCutCount = 0;
  readonly latenciesMs: number[] = [];
  /** Answers that are not the right one. */
  readonly #slips: Doubt<Question>[] = [];
  /** Some of those that talked on, each as likely as any other. */
  readonly #samples: Doubt<Question>[] = [];
  /** Requests without an answer, by what the client saw: "status 503", "other side closed". */
  readonly lost = new Map<string, number>();

  answered(question: Question, wanted: string, { answer, ms }: Timed): void {
    this.requestCount++;
    this.latenciesMs.push(ms);
    if (answer.status !== 200) this.#lose(`status ${answer.status}: ${answer.error.slice(0, 160)}`);
    else if (answer.ending === "error-event") this.toldCutCount++;
    else if (answer.ending === "torn") this.silentCutCount++;
    else if (answer.text === wanted) this.rightCount++;
    else this.#judgeLater(question, wanted, answer.text);
  }

  /** The beginning of a long answer is judged here, the whole of some at the end. */
  #judgeLater(question: Question, wanted: string, text: string): void {
    const doubt = { question, text };
    if (question.talkOnTokens === undefined || !text.startsWith(wanted)) {
      this.#slips.push(doubt);
      return;
    }
    const place = Math.floor(Math.random() * ++this.talkedOnCount);
    if (this.#samples.length < samplesMax) this.#samples.push(doubt);
    else if (place < samplesMax) this.#samples[place] = doubt;
  }

  /** For a request of which not even the head of an answer came. */
  failed(error: unknown): void {
    this.requestCount++;
    const { message, cause } = error as Error;
    this.#lose(cause instanceof Error ? cause.message : message);
  }

  /** What is put to an undisturbed engine at the end. */
  get doubts(): readonly Doubt<Question>[] {
    return [...this.#slips, ...this.#samples];
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
