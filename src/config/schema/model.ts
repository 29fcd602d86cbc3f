import { z } from "zod";

export const modelSchema = z.strictObject({
  name: z.string().regex(/^[^-]/).default("penstock/reverse-moe").meta({
    expected: "a directory or a model name, which does not begin with a dash",
    description: "A Hugging Face model directory, or the name of a bundled model.",
  }),
  max_model_len: z.int().min(1).max(16_777_216).nullable().default(null).meta({
    unit: "tokens",
    description:
      "Longest sequence, prompt and answer together; None takes the model's own max_position_embeddings.",
  }),
  dtype: z.enum(["auto", "float32", "bfloat16"]).default("auto").meta({
    description:
      "How weights are kept; auto keeps bfloat16 as it is and widens everything else to float32.",
  }),
});
