/** Arguments of `vllm serve` whose keys have other names or homes here. */
export const vllmNames: ReadonlyMap<string, string> = new Map([
  ["tensor_parallel_size", "parallel.tp"],
  ["data_parallel_size", "parallel.dp"],
  ["data_parallel_size_local", "parallel.dp_local"],
  ["data_parallel_rpc_port", "parallel.data_parallel_rpc_port"],
  ["max_model_len", "model.max_model_len"],
  ["dtype", "model.dtype"],
  ["enforce_eager", "model.enforce_eager"],
  ["trust_remote_code", "model.trust_remote_code"],
  ["tool_call_parser", "model.tool_call_parser"],
  ["reasoning_parser", "model.reasoning_parser"],
  ["chat_template", "model.chat_template"],
  ["host", "server.host"],
  ["port", "server.port"],
  ["ssl_certfile", "server.ssl_certfile"],
  ["ssl_keyfile", "server.ssl_keyfile"],
  ["kv_transfer_config", "kv_transfer"],
]);
