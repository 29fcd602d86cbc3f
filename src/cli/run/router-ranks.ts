import { PenstockError } from "../../errors/mod.ts";
import type { RankOption } from "../../router/mod.ts";
import type { RouterFlags } from "../commands/router-flags.ts";

type RankFlags = Pick<RouterFlags, "vllmPdDisaggregation" | "prefill" | "decode" | "workerUrls">;

/**
 * The ranks that the flags name. Where prefill and decode are apart, prefill ranks come first in the count of indexes.
 * @throws PenstockError COMMAND_INVALID for flags that do not go together, and for a rank that is named twice
 */
export function routerRanks(flags: RankFlags): readonly RankOption[] {
  const { workerUrls = [], prefill = [], decode = [] } = flags;
  const isApart = flags.vllmPdDisaggregation;
  if (isApart) checkApart({ workerUrls, prefill, decode });
  else if (prefill.length + decode.length > 0) {
    throw invalid("--prefill and --decode need --vllm-pd-disaggregation beside them");
  } else if (workerUrls.length === 0) {
    throw invalid("no rank is named: give --worker-urls once for each");
  }
  checkTwice([...workerUrls, ...prefill, ...decode]);
  const both = workerUrls.map((url) => ({ url, role: "both" as const }));
  const apart = [
    ...prefill.map((url) => ({ url, role: "prefill" as const })),
    ...decode.map((url) => ({ url, role: "decode" as const })),
  ];
  return [...both, ...apart].map((rank, index) => ({ index, ...rank }));
}

function checkApart(urls: {
  readonly workerUrls: readonly string[];
  readonly prefill: readonly string[];
  readonly decode: readonly string[];
}): void {
  if (urls.workerUrls.length > 0) {
    throw invalid(
      "--worker-urls does not go with --vllm-pd-disaggregation: name each rank with --prefill or --decode",
    );
  }
  for (const role of ["prefill", "decode"] as const) {
    if (urls[role].length > 0) continue;
    throw invalid(`--vllm-pd-disaggregation needs a ${role} rank: give --${role} once for each`);
  }
}

function checkTwice(urls: readonly string[]): void {
  const twice = urls.find((url, position) => urls.indexOf(url) !== position);
  if (twice !== undefined) throw invalid(`the rank "${twice}" is named twice`);
}

function invalid(reason: string): PenstockError {
  return new PenstockError("COMMAND_INVALID", { reason });
}
