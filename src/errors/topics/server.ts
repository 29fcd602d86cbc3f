import { define } from "../definition.ts";

export const serverErrors = {
  TOKENIZER_INVALID: define<{ directory: string; file: string; reason: string }>({
    about: "A tokenizer file of a model directory is there but cannot be used.",
    message: ({ directory, file, reason }) =>
      `Cannot load the tokenizer in "${directory}": the file "${file}" cannot be used, ${reason}`,
    hint: ({ file, directory }) => `Copy "${file}" of the same model into "${directory}" again`,
  }),
  CHAT_TEMPLATE_INVALID: define<{ directory: string; file: string; reason: string }>({
    about: "The chat template of a model directory is not a template that can be parsed.",
    message: ({ directory, file, reason }) =>
      `Cannot load the chat template in "${directory}": the file "${file}" holds a broken template, ${reason}`,
    hint: ({ file }) => `Correct the template in "${file}"`,
  }),
  CHAT_TEMPLATE_MISSING: define<{ wanted: string }>({
    about: "A chat request came for a model without a chat template that fits it.",
    message: ({ wanted }) =>
      `Cannot render the messages: the model has no chat template, ${wanted} is needed`,
    hint: () =>
      'Use /v1/completions, or add a "chat_template.jinja" to the model directory and start again',
  }),
  CHAT_NOT_RENDERED: define<{ reason: string }>({
    about: "The chat template refused the messages of a request, or cannot render them.",
    message: ({ reason }) => `Cannot render the messages: ${reason}`,
    hint: () => "Send the messages in the form and order that the chat template of the model wants",
  }),
  SERVER_CANNOT_LISTEN: define<{ host: string; port: number; reason: string }>({
    about:
      "The address of a server cannot be bound, for another reason than that its port is in use.",
    message: ({ host, port, reason }) =>
      `Cannot listen on "${host}" port ${port}: ${reason}, it must be an address of this machine and a port it may use`,
    hint: () => "Choose another host or port",
  }),
  SERVER_STOPPED: define<{ stage: string }>({
    about: "The server was told to stop while it was still loading.",
    message: ({ stage }) =>
      `Cannot finish the start: the server was told to stop while it ${stage}`,
    hint: () => "Start it again",
  }),
} as const;
