import { define } from "../definition.ts";

export const engineErrors = {
  ENGINE_OPTION_INVALID: define<{ option: string; value: string; wanted: string }>({
    about: "An option of the engine is out of its range or does not go with another one.",
    message: ({ option, value, wanted }) =>
      `Cannot start the engine: ${option} is "${value}", it must be ${wanted}`,
    hint: ({ option }) => `Change ${option}`,
  }),
  ENGINE_REQUEST_INVALID: define<{ requestId: string; reason: string }>({
    about: "A request that the engine cannot run, whatever its state.",
    message: ({ requestId, reason }) => `Cannot accept the request "${requestId}": ${reason}`,
    hint: () => "Correct the request",
  }),
  ENGINE_PROMPT_TOO_LONG: define<{
    requestId: string;
    promptTokenCount: number;
    maxModelLen: number;
  }>({
    about: "A prompt that leaves no room for one token of answer.",
    message: ({ requestId, promptTokenCount, maxModelLen }) =>
      `Cannot accept the request "${requestId}": its prompt has ${promptTokenCount} tokens, it must be shorter than the model length of ${maxModelLen} tokens`,
    hint: () => "Shorten the prompt, or start the engine with a larger maxModelLen",
  }),
  ENGINE_QUEUE_FULL: define<{ liveCount: number; maxNumSeqs: number; queueDepthMax: number }>({
    about: "More requests than may run and wait at once.",
    message: ({ liveCount, maxNumSeqs, queueDepthMax }) =>
      `Cannot accept another request: ${liveCount} are alive, ${maxNumSeqs} may run and ${queueDepthMax} may wait`,
    hint: () => "Try again when others have finished, or start more ranks",
  }),
  ENGINE_DEAD: define<{ reason: string }>({
    about: "The engine has ended and takes no requests.",
    message: ({ reason }) => `Cannot accept the request: the engine has ended, ${reason}`,
    hint: () => "Start the engine again; if it died by itself, its log names the cause",
  }),
  ENGINE_THREAD_ENDED: define<{ exitCode: number }>({
    about: "The thread of the engine ended by itself.",
    message: ({ exitCode }) =>
      `Cannot continue the engine: its thread ended with exit code ${exitCode}, it must run until it is closed`,
    hint: () => "Look for an out-of-memory message above, and give the process more memory",
  }),
  ENGINE_KV_LOAD_FAILED: define<{ requestId: string; host: string; port: number; reason: string }>({
    about:
      "The KV blocks of a request did not come from the engine that computed its prompt, and --kv-load-failure-policy is fail.",
    message: ({ requestId, host, port, reason }) =>
      `Cannot answer the request "${requestId}": its KV blocks did not come from "${host}" port ${port}, ${reason}`,
    hint: () => "Send the request again, or set --kv-load-failure-policy to recompute",
  }),
  ENGINE_LOGITS_INVALID: define<{ reason: string }>({
    about: "The model computed logits that no token can be drawn from.",
    message: ({ reason }) => `Cannot sample the next token: ${reason}`,
    hint: () => "Check that the weights are whole and that logit_bias leaves a token possible",
  }),
} as const;
