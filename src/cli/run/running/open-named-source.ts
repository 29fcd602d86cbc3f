import { PenstockError } from "../../../errors/mod.ts";
import { type DeploymentSource, type Listing, openJob, openSource } from "../../../launch/mod.ts";

export interface Named {
  /** What `--deployment` says. */
  readonly deployment: string | undefined;
  /** What stands where a job may. */
  readonly job?: string | undefined;
}

/**
 * The deployment that the words of a command name.
 *
 * @throws PenstockError COMMAND_INVALID where it is named twice, and what `openSource` throws.
 */
export async function openNamedSource(
  { deployment, job }: Named,
  listing?: Listing,
): Promise<DeploymentSource> {
  if (deployment !== undefined && job !== undefined) {
    const reason = `expected one name of a deployment, found "${job}" and --deployment "${deployment}"`;
    throw new PenstockError("COMMAND_INVALID", { reason });
  }
  return await openSource({ deployment, job, openJob }, listing);
}
