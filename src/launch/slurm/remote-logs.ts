import { spawn } from "node:child_process";
import { PenstockError } from "../../errors/mod.ts";
import { LineSplitter } from "../../supervise/mod.ts";
import type { LogEntry, LogRequest } from "../control/deployment-source.ts";
import { stepArguments } from "./step-arguments.ts";

/** Steps that one `penstock logs` may have on the job at a time. */
const nodesAtOnceMax = 64;
/** Batches that wait for a slow reader before the steps are made to wait. */
const batchesMax = 256;

export interface RemoteLogFile {
  readonly id: string;
  readonly logFile: string;
  /** As Slurm calls the node. */
  readonly nodeName: string;
}

export interface RemoteLogsOptions extends LogRequest {
  readonly files: readonly RemoteLogFile[];
  readonly jobId: string;
}

/**
 * Log lines from the nodes' own disks, by one step of the job on each node concerned.
 *
 * @throws PenstockError LOGS_ON_TOO_MANY_NODES, SLURM_TOOL_FAILED
 */
export async function* readRemoteLogs(
  options: RemoteLogsOptions,
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  const byNode = Map.groupBy(options.files, ({ nodeName }) => nodeName);
  if (byNode.size > nodesAtOnceMax)
    throw new PenstockError("SLURM_TOOL_FAILED", {
      program: "srun",
      reason: `logs of ${byNode.size} nodes were asked for, and ${nodesAtOnceMax} at a time are read`,
    });
  const queue = new BatchQueue(byNode.size);
  const children = [...byNode].map(([nodeName, files]) =>
    tail(nodeName, files, { options, queue }),
  );
  const stop = (): void => {
    for (const child of children) child.kill("SIGTERM");
    queue.close();
  };
  options.signal.addEventListener("abort", stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    yield* queue.batches();
  } finally {
    options.signal.removeEventListener("abort", stop);
    stop();
  }
}

interface Around {
  readonly options: RemoteLogsOptions;
  readonly queue: BatchQueue;
}

function tail(nodeName: string, files: readonly RemoteLogFile[], { options, queue }: Around) {
  const { jobId, lineCount, follow } = options;
  const [program, ...words] = stepArguments({ jobId, nodeCount: 1, hostname: nodeName });
  const follows = follow ? ["-F"] : [];
  const paths = files.map(({ logFile }) => logFile);
  const command = ["tail", "-v", "-n", String(lineCount), ...follows, "--", ...paths];
  const child = spawn(program!, [...words, ...command], { stdio: ["ignore", "pipe", "ignore"] });
  const parser = new TailParser(new Map(files.map(({ logFile, id }) => [logFile, id])));
  child.stdout.on("data", (chunk: Buffer) => {
    const entries = parser.push(chunk);
    if (entries.length === 0) return;
    if (!queue.push(entries)) {
      child.stdout.pause();
      queue.onDrain(() => child.stdout.resume());
    }
  });
  child.on("error", (error) => {
    const facts = { program: program!, reason: error.message };
    queue.finish(new PenstockError("SLURM_TOOL_FAILED", facts, { cause: error }));
  });
  child.on("close", () => queue.finish());
  return child;
}

/** Parts what `tail -v` prints of several files: a head line `==> FILE <==` before each one's lines. */
export class TailParser {
  readonly #ids: ReadonlyMap<string, string>;
  readonly #splitter = new LineSplitter();
  #processId: string | undefined;
  /** A blank line stands before a head line, and is one of the log's where none follows. */
  #blank: LogEntry | undefined;

  constructor(idsByFile: ReadonlyMap<string, string>) {
    this.#ids = idsByFile;
  }

  push(chunk: Buffer): readonly LogEntry[] {
    return this.#splitter.push(chunk).flatMap((line) => this.#take(line));
  }

  #take(line: string): readonly LogEntry[] {
    const file = /^==> (?<file>.*) <==$/.exec(line)?.groups!["file"];
    const next = file === undefined ? undefined : this.#ids.get(file);
    if (next !== undefined) {
      this.#processId = next;
      this.#blank = undefined;
      return [];
    }
    if (this.#processId === undefined) return [];
    const entry = { processId: this.#processId, line };
    const held = this.#blank === undefined ? [] : [this.#blank];
    this.#blank = line === "" ? entry : undefined;
    return line === "" ? held : [...held, entry];
  }
}

/** Batches of several writers for one reader. */
class BatchQueue {
  readonly #waiting: (readonly LogEntry[])[] = [];
  readonly #drains: (() => void)[] = [];
  #writerCount: number;
  #error: PenstockError | undefined;
  #wake = Promise.withResolvers<void>();

  constructor(writerCount: number) {
    this.#writerCount = writerCount;
  }

  /** False when the writer is to wait for `onDrain`. */
  push(batch: readonly LogEntry[]): boolean {
    this.#waiting.push(batch);
    this.#wake.resolve();
    return this.#waiting.length < batchesMax;
  }

  onDrain(listener: () => void): void {
    this.#drains.push(listener);
  }

  finish(error?: PenstockError): void {
    this.#error ??= error;
    this.#writerCount--;
    this.#wake.resolve();
  }

  close(): void {
    this.#writerCount = 0;
    this.#wake.resolve();
  }

  async *batches(): AsyncGenerator<readonly LogEntry[], void, undefined> {
    for (;;) {
      const batch = this.#waiting.shift();
      if (batch !== undefined) yield batch;
      else if (this.#error !== undefined) throw this.#error;
      else if (this.#writerCount <= 0) return;
      else {
        for (const drain of this.#drains.splice(0)) drain();
        await this.#wake.promise;
        this.#wake = Promise.withResolvers<void>();
      }
    }
  }
}
