import { isPenstockError, PenstockError } from "../../errors/mod.ts";
import { chooseDeployment, describeRunning, matching } from "./choose-deployment.ts";
import type { DeploymentSource, JobOpener } from "./deployment-source.ts";
import { type Listing, listDeployments } from "./list-deployments.ts";
import { LocalSource } from "./local-source.ts";

export interface SourceWish {
  /** What names the deployment, however; undefined for the only one there is. */
  readonly deployment: string | undefined;
  /** The number of a job: never taken for a port. Other words name a deployment as above. */
  readonly job: string | undefined;
  readonly openJob: JobOpener;
}

/**
 * The deployment that a command is about: one of this machine, or a job of the scheduler where a number is given that
 * nothing of this machine goes by.
 *
 * @throws PenstockError as `chooseDeployment`, and what the opener of jobs throws where Slurm is here and the number is no port.
 */
export async function openSource(
  { deployment, job, openJob }: SourceWish,
  listing?: Listing,
): Promise<DeploymentSource> {
  const all = listing ?? (await listDeployments());
  const selector = job ?? deployment;
  if (selector === undefined || !isJobId(selector)) return open(all, selector);
  const meant = job === undefined ? matching(all.deployments, selector) : ofJob(all, selector);
  if (meant.length > 0) return open({ deployments: meant, unreachable: [] }, undefined);
  try {
    return await openJob(selector);
  } catch (error) {
    // A port where only a job may stand, or a machine that has no jobs: what is there is listed with its ports.
    const isPort = matching(all.deployments, selector).length > 0;
    if (!isPort && !isWithoutSlurm(error)) throw error;
    throw new PenstockError(
      "DEPLOYMENT_NOT_FOUND",
      { selector, running: describeRunning(all) },
      { cause: error },
    );
  }
}

function isWithoutSlurm(error: unknown): boolean {
  return isPenstockError(error) && error.code === "SBATCH_MISSING";
}

function open(listing: Listing, selector: string | undefined): DeploymentSource {
  const { entry, status } = chooseDeployment(listing, selector);
  return new LocalSource(entry, status.id);
}

function ofJob({ deployments }: Listing, jobId: string): Listing["deployments"] {
  return deployments.filter(({ status }) => status.slurm?.jobId === jobId);
}

/** A number as Slurm gives them; `4711_3` is a task of an array. */
function isJobId(selector: string): boolean {
  return /^[1-9]\d{0,9}(_\d{1,7})?$/.test(selector);
}
