import type { Plan } from "../../../plan/mod.ts";
import { type JobEndpoints, type JobNode, writeEndpoints } from "../files/endpoints-file.ts";
import { headNode, type JobAttempt, type JobFiles } from "../files/job-files.ts";
import { awaitNodes } from "./await-nodes.ts";

export interface LeadOptions {
  /** With addresses. */
  readonly plan: Plan;
  readonly attempt: JobAttempt;
  readonly nodes: readonly JobNode[];
  readonly files: JobFiles;
  /** Resolves when everything on the head node itself is ready. */
  readonly ownReady: Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * The head node's duty: waits until every node is ready and writes where clients find the deployment.
 *
 * @throws PenstockError NODE_UNREACHABLE; AbortError; a system error where the file cannot be written
 */
export async function leadJob(options: LeadOptions): Promise<JobEndpoints> {
  const { plan, attempt, nodes, files, ownReady, signal } = options;
  await ownReady;
  await awaitNodes(plan, headNode, { signal });
  const endpoints: JobEndpoints = {
    jobId: attempt.jobId,
    restartCount: attempt.restartCount,
    readyAtMs: Date.now(),
    model: plan.model.name,
    client: plan.endpoints.client,
    ranks: plan.endpoints.ranks,
    nodes,
  };
  await writeEndpoints(files.endpoints, endpoints, { indent: 2 });
  await writeEndpoints(files.attemptEndpoints, endpoints);
  return endpoints;
}
