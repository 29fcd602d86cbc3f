import { PenstockError } from "../../errors/mod.ts";
import { configKeyOf } from "./config-key.ts";
import { dataParallelFlags, rankOffset } from "./data-parallel.ts";
import { environmentMistakes, environmentOf } from "./environment.ts";
import { expertParallelFlags } from "./expert-parallel.ts";
import { extraWords } from "./extra-flags.ts";
import { chooseVllmVersion, vllmHas } from "./facts.ts";
import { flagsToWords, type VllmFlags } from "./flag-words.ts";
import { kvEventsFlags } from "./kv-events.ts";
import { kvTransferDocument } from "./kv-transfer.ts";
import { loraFlags, roundLoraRank } from "./lora.ts";
import { commandMistakes } from "./mistakes.ts";
import type { VllmServeOptions } from "./options.ts";
import type { VllmMistake } from "./written.ts";
import type { VllmVersion } from "./version.ts";

/** One `vllm serve` process. */
export interface VllmCommand {
  readonly argv: readonly string[];
  /** Sorted by name. */
  readonly env: Readonly<Record<string, string>>;
  /** What was adjusted or assumed; the same sentence may come from every process of a deployment. */
  readonly notices: readonly string[];
}

/**
 * The command line and environment of one `vllm serve` process, as its release wants them. Pure: the same options give
 * the same words in the same order.
 *
 * @throws PenstockError VLLM_COMMAND_NOT_WRITABLE with everything that vLLM would refuse or misread
 */
export function vllmServe(options: VllmServeOptions): VllmCommand {
  const { command, mistakes } = writeCommand(options);
  if (mistakes.length === 0) return command;
  const list = mistakes.map(({ option, message }) => `  ${configKeyOf(option)}: ${message}`);
  throw new PenstockError("VLLM_COMMAND_NOT_WRITABLE", {
    model: options.model,
    mistakeCount: mistakes.length,
    report: list.join("\n"),
  });
}

/** What `vllmServe` would throw, as a list; empty when the command can be written. */
export function checkVllmServe(options: VllmServeOptions): readonly VllmMistake[] {
  return writeCommand(options).mistakes;
}

function writeCommand(options: VllmServeOptions): {
  readonly command: VllmCommand;
  readonly mistakes: readonly VllmMistake[];
} {
  const chosen = chooseVllmVersion(options.version);
  const { version } = chosen;
  const offset = rankOffset(options.launch, options.isMoe);
  const experts = expertParallelFlags(options, version);
  const transfer = kvTransferDocument({
    transfer: options.kvTransfer,
    offload: options.kvCacheOffload,
    commandRank: commandRank(options),
    version,
  });
  const flags: VllmFlags = {
    ...servingFlags(options, version),
    ...memoryFlags(options),
    ...parallelFlags(options),
    ...experts.value,
    ...loraFlags(options.lora),
    "--kv-transfer-config": transfer.value,
    ...kvEventsFlags(options.kvEvents, offset),
    ...trainingFlags(options, version),
  };
  const extra = extraWords(options.vllmExtra ?? {}, { "--model": options.model, ...flags });
  const program = options.command ?? ["vllm", "serve"];
  const argv = [...program, options.model, ...flagsToWords(flags), ...extra.value];
  const env = environmentOf(options, version, offset);
  return {
    command: {
      argv,
      env,
      notices: [
        ...(chosen.notice === undefined ? [] : [chosen.notice]),
        ...launchNotices(options),
        ...experts.notices,
        ...loraNotices(options),
        ...transfer.notices,
        ...extra.notices,
      ],
    },
    mistakes: [
      ...(chosen.mistake === undefined ? [] : [{ option: "version", message: chosen.mistake }]),
      ...commandMistakes(options, version),
      ...experts.mistakes,
      ...transfer.mistakes,
      ...environmentMistakes(options),
      ...extra.mistakes,
      ...wordMistakes(argv),
    ],
  };
}

function servingFlags(options: VllmServeOptions, version: VllmVersion): VllmFlags {
  const opensTokens = options.enableScaleOut !== false && vllmHas(version, "scaleOutFlag");
  return {
    "--served-model-name": options.servedModelNames ?? [],
    "--host": options.host,
    "--port": options.port,
    "--api-server-count": options.apiServerCount,
    "--enable-scale-out": opensTokens ? true : null,
    "--enable-auto-tool-choice": options.toolCallParser ? true : null,
    "--tool-call-parser": options.toolCallParser,
    "--reasoning-parser": options.reasoningParser,
    "--chat-template": options.chatTemplate,
    "--dtype": options.dtype,
    "--quantization": options.quantization,
    "--max-model-len": options.maxModelLen,
    "--enforce-eager": options.enforceEager,
    "--trust-remote-code": options.trustRemoteCode,
    "--seed": options.seed,
  };
}

function memoryFlags(options: VllmServeOptions): VllmFlags {
  return {
    "--gpu-memory-utilization": options.gpuMemoryUtilization,
    "--kv-cache-memory-bytes": options.kvCacheMemoryBytes,
    "--kv-cache-dtype": options.kvCacheDtype,
    "--block-size": options.blockSize,
    "--enable-prefix-caching": options.enablePrefixCaching,
    "--max-num-seqs": options.maxNumSeqs,
    "--max-num-batched-tokens": options.maxNumBatchedTokens,
  };
}

function parallelFlags(options: VllmServeOptions): VllmFlags {
  return {
    "--tensor-parallel-size": options.tensorParallelSize ?? 1,
    "--pipeline-parallel-size": options.pipelineParallelSize,
    ...dataParallelFlags(options.launch, options.isMoe),
  };
}

function trainingFlags(options: VllmServeOptions, version: VllmVersion): VllmFlags {
  const backend = options.weightTransferBackend;
  const returnsExperts = options.enableReturnRoutedExperts === true;
  const mustBeSynchronous = returnsExperts && vllmHas(version, "routedExpertsSynchronous");
  return {
    "--weight-transfer-config": backend ? { backend } : null,
    "--enable-return-routed-experts": returnsExperts ? true : null,
    "--async-scheduling": mustBeSynchronous ? false : null,
  };
}

/** The first rank of this command where other commands start the other ranks of its engine; null elsewhere. */
function commandRank({ launch }: VllmServeOptions): number | null {
  if (launch === null || launch === undefined || launch.size === 1) return null;
  if (launch.pattern === "internal") return null;
  return launch.pattern === "external" ? launch.rank : launch.startRank;
}

function launchNotices({ launch, isMoe }: VllmServeOptions): readonly string[] {
  if (launch?.pattern !== "external" || isMoe || launch.size === 1) return [];
  return [
    `the model is dense: its ${launch.size} data-parallel ranks are independent servers, as vLLM takes one command a rank only for models with experts`,
  ];
}

function loraNotices({ lora }: VllmServeOptions): readonly string[] {
  if (!lora) return [];
  const rank = roundLoraRank(lora.maxLoraRank);
  if (rank === undefined || rank === lora.maxLoraRank) return [];
  return [`the LoRA rank ${lora.maxLoraRank} is rounded up to ${rank}, which vLLM has buffers for`];
}

/** Linux takes no longer word (MAX_ARG_STRLEN), and a control character would not survive a batch script. */
const wordBytesMax = 131_071;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controlCharacter = /[\u0000-\u0008\u000b-\u001f\u007f]/;

function wordMistakes(argv: readonly string[]): readonly VllmMistake[] {
  return argv.flatMap((word, index) => {
    const option = index > 0 && argv[index - 1]!.startsWith("--") ? argv[index - 1]! : "argv";
    if (controlCharacter.test(word))
      return [{ option, message: "Expected a text without control characters" }];
    if (Buffer.byteLength(word) > wordBytesMax)
      return [{ option, message: `Expected at most ${wordBytesMax} bytes in one argument` }];
    return [];
  });
}
