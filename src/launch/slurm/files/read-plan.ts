import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { PenstockError } from "../../../errors/mod.ts";
import type { Plan } from "../../../plan/mod.ts";

const planBytesMax = 64 * 1024 * 1024;

/** Over NFS a file that is new may stay hidden from a node for as long as that. */
const waitMsMax = 10_000;
const waitMs = 500;
/** Nobody wonders about a shorter wait. */
const silentMsMax = 1_000;

export interface PlanWait {
  readonly timeoutMs?: number;
  /** Hears once, after a second, for how long at most a file is waited for that is not there. */
  readonly onWaiting?: (timeoutMs: number) => void;
}

/**
 * Reads the Plan from a file that all nodes see.
 *
 * @throws PenstockError OUTPUT_DIR_NOT_SHARED where this node does not see it, PLAN_NOT_READABLE
 */
export async function readPlanFile(
  file: string,
  { timeoutMs = waitMsMax, onWaiting }: PlanWait = {},
): Promise<Plan> {
  const startMs = Date.now();
  let isTold = false;
  for (;;) {
    try {
      return parsePlan(await readFile(file, "utf8"), file);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined || error instanceof PenstockError) throw error;
      const waitedMs = Date.now() - startMs;
      if (code === "ENOENT" && waitedMs < timeoutMs) {
        if (!isTold && waitedMs >= silentMsMax) {
          onWaiting?.(timeoutMs);
          isTold = true;
        }
        await sleep(waitMs);
        continue;
      }
      const reason = code === "ENOENT" ? "there is no such file" : message;
      const facts = { action: "read the Plan", file, hostname: hostname(), reason } as const;
      throw new PenstockError("OUTPUT_DIR_NOT_SHARED", facts, { cause: error });
    }
  }
}

/**
 * Reads the Plan from standard input, where the nodes share no files.
 *
 * @throws PenstockError PLAN_NOT_READABLE
 */
export async function readPlanStream(stream: AsyncIterable<Buffer>): Promise<Plan> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of stream) {
    byteCount += chunk.length;
    if (byteCount > planBytesMax) throw refuse("-", `it is larger than ${planBytesMax} bytes`);
    chunks.push(chunk);
  }
  return parsePlan(Buffer.concat(chunks).toString("utf8"), "-");
}

function parsePlan(text: string, file: string): Plan {
  let plan: Partial<Plan> | null;
  try {
    plan = JSON.parse(text) as Partial<Plan> | null;
  } catch (error) {
    throw refuse(file, text === "" ? "it is empty" : (error as Error).message);
  }
  if (plan?.version !== 1) throw refuse(file, 'its "version" is not 1');
  if (!Array.isArray(plan.nodes) || plan.nodes.length === 0) throw refuse(file, "it has no nodes");
  return plan as Plan;
}

function refuse(file: string, reason: string): PenstockError {
  return new PenstockError("PLAN_NOT_READABLE", { file, reason });
}
