import { run } from "@stricli/core";
import { makeApplication } from "./application.ts";
import type { CliContext } from "./context.ts";

const usageError = 2;

/**
 * Runs one command: `argv` is what stands after `penstock`. Resolves with the exit code: 0 well, 1 failed, 2 the
 * command or its configuration was wrong.
 */
export async function main(argv: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", () => {
      // The reader of our output has gone (a closed terminal, `| head`); what we do goes on without it.
    });
  const { stdout, stderr, env } = process;
  const context: CliContext = { process: { stdout, stderr, env } };
  await run(await makeApplication(argv), protectConfigWords(argv), context);
  const exitCode = Number(context.process.exitCode ?? 0);
  return exitCode < 0 ? usageError : exitCode;
}

/** Commands that read the configuration, whose grammar is its own. */
const configCommands: ReadonlySet<string | undefined> = new Set(["serve", "plan", "config"]);

/** What stands after a command that reads the configuration is handed over unread, except for a lone --help. */
function protectConfigWords(argv: readonly string[]): readonly string[] {
  const [command, ...words] = argv;
  if (!configCommands.has(command)) return argv;
  const help = words.filter((word) => word === "--help" || word === "-h");
  return help.length > 0 ? [command!, ...help] : [command!, "--", ...words];
}
