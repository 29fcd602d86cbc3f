import { resolve } from "node:path";
import { formatNotice, loadConfig, toToml } from "../../config/mod.ts";
import {
  howToRun,
  makePlan,
  type Plan,
  plannedFiles,
  type PlannedFilesOptions,
} from "../../plan/mod.ts";
import type { CliContext } from "../context.ts";
import { clientAccess } from "./client-access.ts";
import { inventoryFor, missingModelNotice } from "./inventory-for.ts";
import { readScriptTemplate } from "./read-script-template.ts";
import { serveLocally } from "./serve-locally.ts";
import { serveOnSlurm } from "./serve-on-slurm.ts";
import { takeOwnFlags } from "./take-own-flags.ts";
import { writePlannedFiles } from "./write-planned-files.ts";

const namesShownMax = 8;

/** The flags of `penstock serve` that are no keys of the configuration. */
export const serveFlags = { "cancel-on-exit": "switch" } as const;

/** Reads the configuration, makes the Plan and carries it out until it is told to stop. */
export async function runServe(
  this: CliContext,
  _flags: Record<string, never>,
  ...given: string[]
): Promise<void> {
  const { own, words } = takeOwnFlags(given, serveFlags);
  const { config, notices } = await loadConfig(words);
  const screen = this.process.stderr;
  const inventory = await inventoryFor(config, { modelMayBeMissing: config.dry_run, screen });
  const plan = makePlan(config, inventory);
  const tell = (line: string): unknown => this.process.stderr.write(`${line}\n`);
  const missing = missingModelNotice(plan);
  for (const notice of notices) tell(formatNotice(notice));
  if (missing !== undefined) tell(missing);
  if (config.dry_run) {
    this.process.stdout.write(`${JSON.stringify(plan, null, 2)}\n`);
    await writeOut(plan, { config, inventory, tell });
  } else if (plan.launcher === "slurm") {
    const print = (text: string): unknown => this.process.stdout.write(text);
    const cancelOnExit = own["cancel-on-exit"] === true;
    await serveOnSlurm({ plan, config, inventory, cancelOnExit, tell, print });
  } else {
    await serveLocally({
      plan,
      access: clientAccess(config, inventory.workingDirectory),
      planAnew: async () => makePlan(config, await inventoryFor(config, { screen })),
      outputDirectory: resolve(inventory.workingDirectory, config.output_dir),
      vllmVersion: config.vllm.version ?? inventory.vllmVersion,
    });
  }
}

/** Writes what somebody needs to run the deployment later, or by other means. */
async function writeOut(
  plan: Plan,
  { config, inventory, tell }: Pick<PlannedFilesOptions, "config" | "inventory"> & Telling,
): Promise<void> {
  const configText = toToml({ ...config, dry_run: false });
  const scriptTemplate = await readScriptTemplate(config, inventory.workingDirectory);
  const files = plannedFiles(plan, { config, inventory, configText, scriptTemplate });
  const outputDirectory = resolve(inventory.workingDirectory, config.output_dir);
  await writePlannedFiles(outputDirectory, files);
  for (const warning of plan.warnings) tell(warning);
  tell(`Wrote ${shorten(files.map(({ path }) => path))} to ${outputDirectory}`);
  tell(howToRun(plan, outputDirectory));
}

function shorten(names: readonly string[]): string {
  const shown = names.slice(0, namesShownMax).join(", ");
  return names.length > namesShownMax ? `${shown} and ${names.length - namesShownMax} more` : shown;
}

interface Telling {
  readonly tell: (line: string) => unknown;
}
