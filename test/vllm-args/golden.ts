import { checkVllmServe, vllmServe, type VllmCommand } from "../../src/plan/vllm/mod.ts";
import { vllmCases } from "./cases.ts";

/** What a release makes of one case: the command, or the reasons why there is none. */
export type GoldenCommand = VllmCommand | { readonly mistakes: readonly string[] };

/** All cases as a release writes them, by name. */
export function goldenCommands(version: string): Readonly<Record<string, GoldenCommand>> {
  return Object.fromEntries(
    Object.entries(vllmCases).map(([name, options]) => {
      const mistakes = checkVllmServe({ ...options, version });
      if (mistakes.length === 0) return [name, vllmServe({ ...options, version })];
      return [name, { mistakes: mistakes.map(({ option, message }) => `${option}: ${message}`) }];
    }),
  );
}

/** The same as text to review: a flag with its values on a line. */
export function goldenText(version: string): string {
  return Object.entries(goldenCommands(version))
    .map(([name, command]) => [`# ${name}`, ...linesOf(command), ""].join("\n"))
    .join("\n");
}

function linesOf(command: GoldenCommand): readonly string[] {
  if ("mistakes" in command) return command.mistakes.map((mistake) => `refused: ${mistake}`);
  const { argv, env, notices } = command;
  return [
    argv
      .map((word) => (word.startsWith("--") ? `\n  ${word}` : ` ${word}`))
      .join("")
      .trim(),
    ...Object.entries(env).map(([name, value]) => `env: ${name}=${value}`),
    ...notices.map((notice) => `notice: ${notice}`),
  ];
}
