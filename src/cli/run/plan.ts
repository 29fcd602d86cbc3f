import { formatNotice, loadConfig } from "../../config/mod.ts";
import { makePlan } from "../../plan/mod.ts";
import type { CliContext } from "../context.ts";
import { formatPlan } from "../screen/format-plan.ts";
import { describeFit } from "./describe-fit.ts";
import { inventoryFor, missingModelNotice } from "./inventory-for.ts";
import { parseGpuName } from "./parse-gpu-name.ts";
import { takeOwnFlags } from "./take-own-flags.ts";

/** The flags of `penstock plan` that are no keys of the configuration. */
export const planFlags = { json: "switch", argv: "switch", all: "switch", gpu: "value" } as const;

/** Makes the Plan that the words ask for and shows it; a model that is not here yet is no obstacle. */
export async function runPlan(
  this: CliContext,
  _flags: Record<string, never>,
  ...given: string[]
): Promise<void> {
  const { own, words } = takeOwnFlags(given, planFlags);
  const gpu = own.gpu === undefined ? undefined : parseGpuName(own.gpu);
  const { config, notices } = await loadConfig(words);
  const screen = this.process.stderr;
  const plan = makePlan(config, await inventoryFor(config, { modelMayBeMissing: true, screen }));
  const missing = missingModelNotice(plan);
  for (const line of [...notices.map(formatNotice), ...(missing === undefined ? [] : [missing])])
    this.process.stderr.write(`${line}\n`);
  const { stdout } = this.process;
  if (own.json) {
    stdout.write(`${JSON.stringify(plan, null, 2)}\n`);
    return;
  }
  const { columns } = stdout as { readonly columns?: number };
  stdout.write(formatPlan(plan, { argv: own.argv === true, all: own.all === true, columns }));
  stdout.write(`\n${await describeFit(plan, config, gpu)}`);
}
