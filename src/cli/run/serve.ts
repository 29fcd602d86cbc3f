import { readFile } from "node:fs/promises";
import { loadConfig } from "../../config/mod.ts";
import { type Deployment, launchLocally, takeInventory } from "../../launch/mod.ts";
import { checkCarriedOut, chooseEngine, makePlan, type Plan } from "../../plan/mod.ts";
import type { CliContext } from "../context.ts";
import { createProgressView } from "../screen/progress-view.ts";
import { readyScreen } from "../screen/ready-screen.ts";
import { onStopSignals } from "./stop-signals.ts";

/** Reads the configuration, makes the Plan and carries it out until it is told to stop. */
export async function runServe(
  this: CliContext,
  _flags: Record<string, never>,
  ...words: string[]
): Promise<void> {
  const { config } = await loadConfig(words, (path) => readFile(path, "utf8"));
  const { engine } = chooseEngine(config);
  const plan = makePlan(config, await takeInventory(config.model.name, engine));
  if (config.dry_run) {
    this.process.stdout.write(`${JSON.stringify(plan, null, 2)}\n`);
    return;
  }
  checkCarriedOut(plan);
  await carryOut(plan, config.output_dir, (text) => this.process.stdout.write(text));
}

async function carryOut(
  plan: Plan,
  outputDirectory: string,
  print: (text: string) => void,
): Promise<void> {
  const ready = Promise.withResolvers<"ready">();
  const progress = createProgressView(process.stderr);
  const deployment = await launchLocally({
    plan,
    outputDirectory,
    onChange: (view) => {
      progress.update(view);
      if (view.phase === "ready") ready.resolve("ready");
    },
  });
  const removeListeners = onStopSignals(deployment);
  try {
    const first = await Promise.race([ready.promise, deployment.ended]);
    if (first === "ready") print(readyScreen(plan, deployment.logDirectory));
    await awaitEnd(deployment);
  } finally {
    removeListeners();
  }
}

/** @throws PenstockError the cause of an end that nobody asked for. */
async function awaitEnd(deployment: Deployment): Promise<void> {
  const cause = await deployment.ended;
  if (cause !== undefined) throw cause;
}
