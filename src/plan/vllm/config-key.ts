/** Options that the configuration keeps in another place than their name says. */
const keysElsewhere: Readonly<Record<string, string>> = {
  model: "model.name",
  servedModelNames: "served_model_name",
  version: "vllm.version",
  "lora.maxLoraRank": "max_lora_rank",
  "lora.targetModules": "lora_target_modules",
  weightTransferBackend: "weight_broadcast.type",
  "kvCacheOffload.diskPath": "kv_cache_offload.disk.path",
};

/**
 * The key of the configuration that an option of `vllmServe` comes from, so that a mistake names what the user can
 * look for: `enableEplb` is `enable_eplb`, `kvTransfer.config.kv_connector` is `kv_transfer.kv_connector`.
 */
export function configKeyOf(option: string): string {
  const elsewhere = keysElsewhere[option];
  if (elsewhere !== undefined) return elsewhere;
  const [head = "", ...rest] = option.replace(/^kvTransfer\.config\b/, "kvTransfer").split(".");
  return [snakeCase(head), ...rest].join(".");
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
