import { findModel } from "../../launch/mod.ts";
import { readModelShape } from "../../model-facts/mod.ts";
import { type FitOptions, fitReport } from "../../plan/mod.ts";
import type { FitFlags } from "../commands/fit.ts";
import type { CliContext } from "../context.ts";
import { formatFit } from "../screen/format-fit.ts";
import { hubFetcher } from "./hub-fetcher.ts";

/**
 * Reads the model's config.json, which is downloaded where the model is on the hub alone, and prints the report; ends
 * with 1 where the model does not fit.
 */
export async function runFit(this: CliContext, flags: FitFlags): Promise<void> {
  const fetchModel = hubFetcher({ part: "config", screen: this.process.stderr });
  const directory = await findModel(flags.model, fetchModel);
  const report = fitReport(await readModelShape(directory), optionsOf(flags));
  this.process.stdout.write(
    flags.json ? `${JSON.stringify(report, null, 2)}\n` : formatFit(report),
  );
  if (!report.fits) this.process.exitCode = 1;
}

function optionsOf(flags: FitFlags): FitOptions {
  const { gpuMemoryBytes, gpuMemoryUtilization, inputLen, outputLen } = flags;
  const { maxNumBatchedTokens, maxNumSeqs, reserveBytes } = flags;
  return {
    gpu: flags.gpu,
    tensorParallelSize: flags.tp,
    dataParallelSize: flags.dp,
    enableExpertParallel: flags.ep,
    numRedundantExperts: flags.numRedundantExperts,
    kvCacheDtype: flags.kvCacheDtype,
    blockSize: flags.blockSize,
    hybridKvCache: !flags.disableHybridKvCacheManager,
    ...(gpuMemoryBytes !== undefined && { gpuMemoryBytes }),
    ...(gpuMemoryUtilization !== undefined && { gpuMemoryUtilization }),
    ...(inputLen !== undefined && { inputLength: inputLen }),
    ...(outputLen !== undefined && { outputLength: outputLen }),
    ...(maxNumBatchedTokens !== undefined && { maxNumBatchedTokens }),
    ...(maxNumSeqs !== undefined && { maxNumSeqs }),
    ...(reserveBytes !== undefined && { reserveBytes }),
  };
}
