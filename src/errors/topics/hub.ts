import { define } from "../definition.ts";

export const hubErrors = {
  HUB_ENDPOINT_INVALID: define<{ value: string }>({
    about: "The variable HF_ENDPOINT holds no address of a hub.",
    message: ({ value }) =>
      `Cannot ask the hub: HF_ENDPOINT is "${value}", it must be a URL that begins with http:// or https://`,
    hint: () => "Correct HF_ENDPOINT, or unset it for https://huggingface.co",
  }),
  HUB_OFFLINE: define<{ id: string; cacheDirectory: string }>({
    about: "A model is not complete in the cache, and HF_HUB_OFFLINE forbids to download it.",
    message: ({ id, cacheDirectory }) =>
      `Cannot load the model "${id}": it is no directory, the cache "${cacheDirectory}" does not hold all of it, and HF_HUB_OFFLINE is set`,
    hint: () =>
      "Unset HF_HUB_OFFLINE, name a directory, or point HF_HOME or HF_HUB_CACHE at the cache that holds the model",
  }),
  HUB_MODEL_NOT_FOUND: define<{ id: string; endpoint: string }>({
    about: "The hub has no model of this name, or none with this branch, tag or commit.",
    message: ({ id, endpoint }) =>
      `Cannot download the model "${id}": "${endpoint}" has no such model or revision, and there is no directory of this name`,
    hint: () => "Check the name, written as org/name or org/name@revision",
  }),
  HUB_ACCESS_DENIED: define<{ id: string; status: number; endpoint: string; hasToken: boolean }>({
    about: "The hub does not hand out the model to this user: it is gated, private or not there.",
    message: ({ id, status, endpoint, hasToken }) =>
      `Cannot download the model "${id}": "${endpoint}" answers with status ${status} to a request ${hasToken ? "with an access token" : "without an access token"}, it must let this user read the model`,
    hint: ({ id, endpoint, hasToken }) =>
      hasToken
        ? `Check the name, and ask for access at ${endpoint}/${id} with the account of the token`
        : `Check the name; where the model is gated or private, ask for access at ${endpoint}/${id} and set HF_TOKEN`,
  }),
  HUB_UNREACHABLE: define<{ endpoint: string; reason: string }>({
    about: "The hub, or the server to which it sends for a file, did not answer as it should.",
    message: ({ endpoint, reason }) => `Cannot download from "${endpoint}": ${reason}`,
    hint: () =>
      "Run the command again, which goes on where it stopped; behind a proxy set HTTPS_PROXY and NODE_USE_ENV_PROXY=1, for a mirror HF_ENDPOINT",
  }),
  HUB_ANSWER_INVALID: define<{ endpoint: string; id: string; reason: string }>({
    about: "An answer of the hub is not of the form that the hub's API has.",
    message: ({ endpoint, id, reason }) =>
      `Cannot read what "${endpoint}" says of the model "${id}": ${reason}`,
    hint: () => "Check that HF_ENDPOINT is the address of a Hugging Face hub",
  }),
  HUB_MODEL_INCOMPLETE: define<{ id: string; missing: string }>({
    about: "A model on the hub lacks files that the embedded engine needs.",
    message: ({ id, missing }) => `Cannot use the model "${id}": on the hub it has no ${missing}`,
    hint: () =>
      "Choose a model in the safetensors format with a tokenizer.json, or serve this one with --engine vllm",
  }),
  HUB_FILE_CORRUPTED: define<{ file: string; found: string; wanted: string }>({
    about: "A downloaded file has another content than the hub says, also at the second try.",
    message: ({ file, found, wanted }) =>
      `Cannot download "${file}": its content hashes to ${found}, the hub says ${wanted}`,
    hint: () => "Run the command again; look for a proxy or a disk that changes what passes",
  }),
  HUB_CACHE_NOT_USABLE: define<{ path: string; reason: string }>({
    about: "The cache of downloaded models cannot be read or written.",
    message: ({ path, reason }) => `Cannot keep the model in "${path}": ${reason}`,
    hint: () => "Point HF_HOME or HF_HUB_CACHE at a directory that you may write",
  }),
  HUB_DISK_FULL: define<{ directory: string; neededBytes: number; freeBytes: number }>({
    about: "The disk of the cache has no room for what is still to be downloaded.",
    message: ({ directory, neededBytes, freeBytes }) =>
      `Cannot download to "${directory}": ${neededBytes} bytes are needed, ${freeBytes} are free`,
    hint: () => "Free space there, or point HF_HOME or HF_HUB_CACHE at a larger disk",
  }),
  HUB_LOCK_HELD: define<{ file: string; waitedMs: number }>({
    about: "Another process downloads the same file and has got nothing for a long time.",
    message: ({ file, waitedMs }) =>
      `Cannot download the model: another process holds "${file}" and has got nothing for ${waitedMs} ms`,
    hint: ({ file }) => `End the process that "fuser ${file}" shows`,
  }),
} as const;
