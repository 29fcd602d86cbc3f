import { nearestWord } from "../../base/mod.ts";
import { PenstockError } from "../../errors/mod.ts";
import { type GpuName, gpuNames } from "../../plan/mod.ts";

/** @throws PenstockError COMMAND_INVALID for a GPU whose figures are not known */
export function parseGpuName(word: string): GpuName {
  const name = gpuNames.find((known) => known === word);
  if (name !== undefined) return name;
  const nearest = nearestWord(word, gpuNames);
  const suggestion = nearest === undefined ? "" : `, did you mean "${nearest}"?`;
  const reason = `--gpu takes one of ${gpuNames.join(", ")}, found "${word}"${suggestion}`;
  throw new PenstockError("COMMAND_INVALID", { reason });
}
