import type { Progress } from "../deployment-view.ts";

/**
 * A line of tqdm, whose default is `LABEL:  25%|██▌  | 1/4 [00:01<00:03,  1.20s/it]`; vLLM's loaders write
 * `LABEL:  25% Completed | 1/4 [00:01<00:03,  1.20s/it]`. Before the label vLLM puts the process: `(Worker_TP0 pid=7) `.
 */
const bar = /^(?:\([^)]{1,80}\) ?)?([^|%]{1,120}?):? +(\d{1,3})%(?: Completed)? ?\|/;

const stagesOfBars: readonly (readonly [label: RegExp, stage: string])[] = [
  [/^Loading .*(?:shards|safetensors|Streamer)/, "load weights"],
  [/^Capturing CUDA graph/, "capture CUDA graphs"],
];

/** Log lines of vLLM that begin or end a stage. */
const stagesOfLines: readonly (readonly [text: RegExp, stage: string, done: number])[] = [
  [/\] Starting to load model /, "load weights", 0],
  [/\] Loading weights took [\d.]+ seconds/, "load weights", 1],
  [/\] Model loading took /, "profile memory", 0],
  [/\] torch\.compile takes? |\] Dynamo bytecode transform time/, "compile", 0],
  [/\] Graph capturing finished/, "capture CUDA graphs", 1],
  [/\] Starting vLLM (?:API )?server|\] Started server process/, "start server", 0],
];

/** Longer lines are no progress bars, and are not searched. */
const lineLengthMax = 1_000;

/** Whether a progress bar drew this line: it tells a state, and the next one overwrites it. */
export function isProgressBar(line: string): boolean {
  return line.length <= lineLengthMax && bar.test(line.trimEnd());
}

/** How far vLLM says to be with this line; undefined where it says nothing about it. */
export function readVllmProgress(line: string): Progress | undefined {
  if (line.length > lineLengthMax) return undefined;
  const [, label, percent] = bar.exec(line.trimEnd()) ?? [];
  if (label !== undefined) {
    const stage = stagesOfBars.find(([pattern]) => pattern.test(label))?.[1];
    return stage === undefined ? undefined : { stage, done: Math.min(1, Number(percent) / 100) };
  }
  const found = stagesOfLines.find(([pattern]) => pattern.test(line));
  return found === undefined ? undefined : { stage: found[1], done: found[2] };
}
