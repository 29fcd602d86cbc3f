import type { EngineOutput } from "../types.ts";

/** The output that says how it ended. */
export function endOf(outputs: readonly EngineOutput[]): EngineOutput {
  return outputs[outputs.length - 1]!;
}

export function tokensOf(outputs: readonly EngineOutput[]): number[] {
  return outputs.flatMap(({ tokenIds }) => tokenIds);
}
