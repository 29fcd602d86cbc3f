import { define } from "../definition.ts";

export const modelErrors = {
  MODEL_FILE_MISSING: define<{ directory: string; file: string; purpose: string }>({
    about: "A file that a Hugging Face model directory must hold is not there.",
    message: ({ directory, file, purpose }) =>
      `Cannot load the model in "${directory}": the file "${file}" is missing, it must hold ${purpose}`,
    hint: ({ file, directory }) =>
      `Copy "${file}" of the same model into "${directory}", or name another directory`,
  }),
  MODEL_FILE_UNREADABLE: define<{ file: string; reason: string }>({
    about: "A file of the model directory exists but cannot be read.",
    message: ({ file, reason }) => `Cannot read "${file}": ${reason}`,
    hint: () => "Make the file readable for the user that runs Penstock",
  }),
  MODEL_JSON_INVALID: define<{ file: string; reason: string }>({
    about: "A JSON file of the model directory is not JSON, or is not an object, or is too large.",
    message: ({ file, reason }) => `Cannot read "${file}": ${reason}, it must hold one JSON object`,
    hint: () => "Download the file again from where the model came from",
  }),
  MODEL_CONFIG_INVALID: define<{ file: string; key: string; value: string; expected: string }>({
    about: "A key of the model's config.json or generation_config.json has a value of no use.",
    message: ({ file, key, value, expected }) =>
      `Cannot use "${file}": the key "${key}" is ${value}, it must be ${expected}`,
    hint: ({ file, key }) => `Correct "${key}" in "${file}", or choose another model`,
  }),
  MODEL_ARCHITECTURE_UNSUPPORTED: define<{
    file: string;
    found: string;
    supported: readonly string[];
  }>({
    about: "The embedded engine does not know the architecture that config.json names.",
    message: ({ file, found, supported }) =>
      `Cannot load the model of "${file}": its architecture is ${found}, the embedded engine knows ${supported.join(", ")}`,
    hint: () => "Choose a model of one of these families, or serve this one with --engine vllm",
  }),
  MODEL_ROPE_UNSUPPORTED: define<{ file: string; found: string; supported: readonly string[] }>({
    about: "The embedded engine does not know the RoPE scaling that config.json names.",
    message: ({ file, found, supported }) =>
      `Cannot load the model of "${file}": its rope_type is "${found}", the embedded engine knows ${supported.join(", ")}`,
    hint: () => "Choose a model with one of these scalings, or serve this one with --engine vllm",
  }),
  MODEL_SAFETENSORS_INVALID: define<{ file: string; reason: string; expected: string }>({
    about: "The header of a safetensors file contradicts itself or the format.",
    message: ({ file, reason, expected }) =>
      `Cannot read the weights in "${file}": ${reason}, expected ${expected}`,
    hint: () => "Download the file again, or save the model again with safetensors",
  }),
  MODEL_SAFETENSORS_TRUNCATED: define<{ file: string; fileBytes: number; neededBytes: number }>({
    about: "A safetensors file is shorter than its header says.",
    message: ({ file, fileBytes, neededBytes }) =>
      `Cannot read the weights in "${file}": the file has ${fileBytes} bytes, its header needs ${neededBytes}`,
    hint: () => "The download probably broke off: download the file again",
  }),
  MODEL_SHARD_MISSING: define<{ index: string; shard: string }>({
    about: "The safetensors index names a shard that is not in the directory.",
    message: ({ index, shard }) =>
      `Cannot load the weights: the shard "${shard}" that "${index}" names is missing`,
    hint: ({ shard }) => `Download "${shard}" into the model directory`,
  }),
  MODEL_SHARD_NAME_REFUSED: define<{ index: string; tensor: string; shard: string }>({
    about: "The safetensors index names a shard outside the model directory.",
    message: ({ index, tensor, shard }) =>
      `Cannot load the weights: "${index}" places the tensor "${tensor}" in ${shard}, it must be a plain file name`,
    hint: () => "Do not trust this model directory; download it again from its origin",
  }),
  MODEL_TENSOR_MISSING: define<{ file: string; tensor: string; wanted: readonly number[] }>({
    about: "A tensor that the architecture needs is in no safetensors file of the model.",
    message: ({ file, tensor, wanted }) =>
      `Cannot load the weights in "${file}": the tensor "${tensor}" is missing, config.json asks for it with shape [${wanted.join(", ")}]`,
    hint: () => "Check that config.json and the weights are of the same model",
  }),
  MODEL_TENSOR_SHAPE: define<{
    file: string;
    tensor: string;
    found: readonly number[];
    wanted: readonly number[];
  }>({
    about: "A tensor has another shape than config.json asks for.",
    message: ({ file, tensor, found, wanted }) =>
      `Cannot load the weights in "${file}": the tensor "${tensor}" has shape [${found.join(", ")}], config.json asks for [${wanted.join(", ")}]`,
    hint: () => "Check that config.json and the weights are of the same model",
  }),
  MODEL_DTYPE_UNSUPPORTED: define<{
    file: string;
    tensor: string;
    dtype: string;
    supported: readonly string[];
  }>({
    about: "A tensor is stored in a data type that is unknown or of no use as a weight.",
    message: ({ file, tensor, dtype, supported }) =>
      `Cannot load the weights in "${file}": the tensor "${tensor}" has dtype ${dtype}, supported are ${supported.join(", ")}`,
    hint: () => "Convert the model to bfloat16 or float32, or serve it with --engine vllm",
  }),
  MODEL_LEN_TOO_LONG: define<{ maxModelLen: number; limit: number; reason: string }>({
    about: "The wanted max_model_len is longer than the model was made for.",
    message: ({ maxModelLen, limit, reason }) =>
      `Cannot serve sequences of ${maxModelLen} tokens: the model allows at most ${limit} (${reason})`,
    hint: ({ limit }) => `Set max_model_len to ${limit} or less`,
  }),
  MODEL_MEMORY_EXCEEDED: define<{
    weightMib: number;
    kvCacheMib: number;
    scratchMib: number;
    limitMib: number;
  }>({
    about: "Weights, KV cache and scratch space do not fit the embedded engine's 4 GiB.",
    message: ({ weightMib, kvCacheMib, scratchMib, limitMib }) =>
      `Cannot place the model in memory: weights ${weightMib} MiB, KV cache ${kvCacheMib} MiB and scratch space ${scratchMib} MiB exceed the ${limitMib} MiB of the embedded engine`,
    hint: () =>
      "Keep weights in bfloat16, give less KV cache, lower max_num_batched_tokens or max_num_seqs, or serve the model with --engine vllm",
  }),
  MODEL_MEMORY_REFUSED: define<{ wantedMib: number; freeMib: number; reason: string }>({
    about: "The system does not give the embedded engine the memory that the model needs.",
    message: ({ wantedMib, freeMib, reason }) =>
      `Cannot place the model in memory: ${wantedMib} MiB are needed, the system has ${freeMib} MiB free and refuses them (${reason})`,
    hint: () =>
      "Give less KV cache with kv_cache_memory_bytes, lower max_num_batched_tokens, choose a smaller model, or raise the limit on address space (ulimit -v)",
  }),
  MODEL_KV_CACHE_TOO_SMALL: define<{
    kvCacheMib: number;
    neededMib: number;
    maxModelLen: number;
  }>({
    about: "The KV cache cannot hold even one sequence of max_model_len tokens.",
    message: ({ kvCacheMib, neededMib, maxModelLen }) =>
      `Cannot serve sequences of ${maxModelLen} tokens: one needs ${neededMib} MiB of KV cache, there are ${kvCacheMib} MiB`,
    hint: () => "Lower max_model_len, or give the KV cache more memory",
  }),
  MODEL_KERNELS_MISSING: define<{ file: string; reason: string }>({
    about: "The compiled compute kernels are not there or cannot be used.",
    message: ({ file, reason }) => `Cannot start the embedded engine: "${file}" ${reason}`,
    hint: () => 'Run "npm run kernels" in the repository to compile them',
  }),
  MODEL_THREAD_FAILED: define<{ thread: number; reason: string }>({
    about: "A compute thread of the embedded engine died or did not finish its share in time.",
    message: ({ thread, reason }) =>
      `Cannot go on computing: compute thread ${thread} has failed: ${reason}`,
    hint: () => "Restart the engine; if it comes back, report it with the log",
  }),
} as const;
