import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../src/config/mod.ts";
import { isPenstockError } from "../../src/errors/mod.ts";
import { makePlan } from "../../src/plan/mod.ts";

const seeds = join(import.meta.dirname, "..", "seeds");

/**
 * The vLLM commands in the Plans of every configuration of test/seeds, for a cluster whose vLLM is this release: name of
 * the process to the words after "vllm serve". Configurations that name another release, or have no Plan for
 * this one, are left out.
 */
export async function documentCommands(
  version: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const files = readdirSync(seeds).filter((file) => file.endsWith(".toml"));
  const commands = await Promise.all(files.map((file) => commandsOf(file, version)));
  return new Map(commands.flat());
}

async function commandsOf(
  file: string,
  version: string,
): Promise<readonly (readonly [string, readonly string[]])[]> {
  const slurm = file.startsWith("pd-disagg") ? [] : ["--slurm.partition", "cluster"];
  try {
    const { config } = await loadConfig(["@", file, "--engine", "vllm", ...slurm], (path) =>
      Promise.resolve(readFileSync(join(seeds, path), "utf8")),
    );
    if (![null, version].includes(config.vllm.version)) return [];
    const plan = makePlan(config, {
      coreCount: 4,
      modelDirectory: config.model.name,
      penstockCommand: ["penstock"],
      workingDirectory: "/project",
      vllmVersion: version,
      isMoe: null,
      busyPorts: [],
    });
    return plan.nodes
      .flatMap((node) => node.processes)
      .filter((process) => process.kind === "engine" && process.argv[1] === "serve")
      .map((process) => [`${file} ${process.id}`, process.argv.slice(2)] as const);
  } catch (error) {
    // A configuration may ask for what this release does not have; test/seeds says what is told then.
    if (isPenstockError(error)) return [];
    throw error;
  }
}
