import { define } from "../definition.ts";

export const modelErrors = {
  MODEL_FILE_MISSING: define<{ directory: string; file: string; purpose: string }>({
    about: "A file that a Hugging Face model directory must hold is not there.",
    message: ({ directory, file, purpose }) =>
      `Cannot load the model in "${directory}": the file "${file}" is missing, it must hold ${purpose}`,
    hint: ({ file, directory }) =>
      `Copy "${file}" of the same model into "${directory}", or name another directory`,
  }),
} as const;
