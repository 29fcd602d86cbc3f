import { z } from "zod";
import { line, path } from "./scalars.ts";

export const modelSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[^-\r\n\0][^\r\n\0]*$/)
    .default("penstock/reverse-moe")
    .meta({
      expected: "a directory or a model name, which does not begin with a dash",
      description:
        "A Hugging Face model directory, a name on the hub (org/name; for the embedded engine, which downloads it, also org/name@revision), or the name of a bundled model.",
    }),
  max_model_len: z.int().min(1).max(16_777_216).nullable().default(null).meta({
    unit: "tokens",
    description:
      "Longest sequence, prompt and answer together; None takes the model's own max_position_embeddings.",
  }),
  dtype: z.enum(["auto", "float32", "bfloat16", "float16"]).default("auto").meta({
    description:
      "How weights are kept; with auto the embedded engine keeps bfloat16 and widens everything else to float32, vLLM follows the model.",
  }),
  enforce_eager: z.boolean().default(false).meta({
    description: "Run without CUDA graphs: a faster start, slower steps. vLLM only.",
  }),
  trust_remote_code: z.boolean().default(false).meta({
    description: "Let vLLM run Python code that comes with the model.",
  }),
  tool_call_parser: line.nullable().default(null).meta({
    description:
      "Name of vLLM's parser for tool calls; auto takes the one that fits the model, None switches tool calls off.",
  }),
  reasoning_parser: line.nullable().default(null).meta({
    description:
      "Name of vLLM's parser for reasoning; auto takes the one that fits the model, None leaves it in the answer.",
  }),
  chat_template: path.nullable().default(null).meta({
    description: "File with a chat template; None takes the model's own.",
  }),
});
