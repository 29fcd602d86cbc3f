import { nearestWord } from "../../base/mod.ts";
import type { Config } from "../schema/config.ts";
import { mistake, remark, type RuleFinding } from "./finding.ts";

/** Names that versions of vLLM know for --tool-call-parser. */
const toolCallParsers = [
  "cohere_command3",
  "cohere_command4",
  "deepseek_v3",
  "deepseek_v31",
  "deepseek_v32",
  "deepseek_v4",
  "ernie45",
  "functiongemma",
  "gemma4",
  "gigachat3",
  "glm45",
  "glm47",
  "granite",
  "granite-20b-fc",
  "granite4",
  "hermes",
  "hunyuan_a13b",
  "internlm",
  "jamba",
  "kimi_k2",
  "llama3_json",
  "llama4_json",
  "llama4_pythonic",
  "longcat",
  "minimax",
  "minimax_m2",
  "mistral",
  "olmo3",
  "openai",
  "phi4_mini_json",
  "pythonic",
  "qwen3_coder",
  "qwen3_xml",
  "seed_oss",
  "step3",
  "step3p5",
  "xlam",
];

/** Names that versions of vLLM know for --reasoning-parser. */
const reasoningParsers = [
  "cohere_command3",
  "cohere_command4",
  "deepseek_r1",
  "deepseek_v3",
  "deepseek_v4",
  "ernie45",
  "gemma4",
  "glm45",
  "granite",
  "holo2",
  "hunyuan_a13b",
  "identity",
  "kimi_k2",
  "minimax_m2",
  "minimax_m2_append_think",
  "mistral",
  "nemotron_v3",
  "olmo3",
  "openai_gptoss",
  "poolside_v1",
  "qwen3",
  "seed_oss",
  "step3",
  "step3p5",
];

/**
 * vLLM refuses to start with a parser that neither it nor a plug-in brings along. New versions bring new ones:
 * a name near a known one is a slip, any other may be right.
 */
export function modelParsers({ model, vllm_extra }: Config): readonly RuleFinding[] {
  return [
    ...check("tool_call_parser", toolCallParsers, "tool_parser_plugin"),
    ...check("reasoning_parser", reasoningParsers, "reasoning_parser_plugin"),
  ];

  function check(
    key: "tool_call_parser" | "reasoning_parser",
    known: readonly string[],
    plugin: string,
  ): readonly RuleFinding[] {
    const name = model[key];
    const hasPlugin =
      Object.hasOwn(vllm_extra, plugin) || Object.hasOwn(vllm_extra, plugin.replaceAll("_", "-"));
    if (name === null || name === "auto" || known.includes(name) || hasPlugin) return [];
    const nearest = nearestWord(name, known);
    const path = `model.${key}`;
    if (nearest === undefined)
      return [remark(`no version of vLLM that is known here has a parser "${name}"`, path)];
    const expected = `Expected a parser of vLLM, "auto", or one of vllm_extra.${plugin}`;
    return [mistake(`${expected}, did you mean "${nearest}"?`, path)];
  }
}
