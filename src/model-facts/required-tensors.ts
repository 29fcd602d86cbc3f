import { PenstockError } from "../errors/mod.ts";
import type { ModelConfig } from "./model-config.ts";
import type { StoredTensor } from "./safetensors-header.ts";

export interface RequiredTensor {
  readonly name: string;
  /** Matrices are [out, in]. */
  readonly shape: readonly number[];
}

/** Name and shape of every tensor that the forward pass reads, in the order of the pass. */
export function requiredTensors(config: ModelConfig): readonly RequiredTensor[] {
  const { hiddenSize, vocabSize, numHiddenLayers, tieWordEmbeddings } = config;
  const tensors = [tensor("model.embed_tokens.weight", vocabSize, hiddenSize)];
  for (let layer = 0; layer < numHiddenLayers; layer++) {
    const prefix = `model.layers.${layer}.`;
    tensors.push(tensor(`${prefix}input_layernorm.weight`, hiddenSize));
    tensors.push(...attentionTensors(config, `${prefix}self_attn.`));
    tensors.push(tensor(`${prefix}post_attention_layernorm.weight`, hiddenSize));
    const isSparse = config.moe?.sparseLayers[layer] === true;
    tensors.push(...(isSparse ? moeTensors : denseTensors)(config, `${prefix}mlp.`));
  }
  tensors.push(tensor("model.norm.weight", hiddenSize));
  if (!tieWordEmbeddings) tensors.push(tensor("lm_head.weight", vocabSize, hiddenSize));
  return tensors;
}

/**
 * Checks that every required tensor is stored with its shape; `directory` stands for the file where none is known.
 *
 * @throws PenstockError MODEL_TENSOR_MISSING, MODEL_TENSOR_SHAPE
 */
export function checkTensors(
  required: readonly RequiredTensor[],
  stored: ReadonlyMap<string, StoredTensor>,
  directory: string,
): void {
  for (const { name, shape: wanted } of required) {
    const found = stored.get(name);
    if (found === undefined)
      throw new PenstockError("MODEL_TENSOR_MISSING", { file: directory, tensor: name, wanted });
    const fits =
      found.shape.length === wanted.length && wanted.every((size, i) => size === found.shape[i]);
    if (fits) continue;
    const facts = { file: found.file, tensor: name, found: found.shape, wanted };
    throw new PenstockError("MODEL_TENSOR_SHAPE", facts);
  }
}

function attentionTensors(config: ModelConfig, prefix: string): readonly RequiredTensor[] {
  const { hiddenSize, headDim, qkvBias, outputBias, qkNorm } = config;
  const queries = config.numAttentionHeads * headDim;
  const keys = config.numKeyValueHeads * headDim;
  return [
    ...linear(`${prefix}q_proj`, [queries, hiddenSize], qkvBias),
    ...linear(`${prefix}k_proj`, [keys, hiddenSize], qkvBias),
    ...linear(`${prefix}v_proj`, [keys, hiddenSize], qkvBias),
    ...(qkNorm ? [tensor(`${prefix}q_norm.weight`, headDim)] : []),
    ...(qkNorm ? [tensor(`${prefix}k_norm.weight`, headDim)] : []),
    ...linear(`${prefix}o_proj`, [hiddenSize, queries], outputBias),
  ];
}

function denseTensors(config: ModelConfig, prefix: string): readonly RequiredTensor[] {
  const { hiddenSize, intermediateSize, mlpBias } = config;
  return [
    ...linear(`${prefix}gate_proj`, [intermediateSize, hiddenSize], mlpBias),
    ...linear(`${prefix}up_proj`, [intermediateSize, hiddenSize], mlpBias),
    ...linear(`${prefix}down_proj`, [hiddenSize, intermediateSize], mlpBias),
  ];
}

function moeTensors(config: ModelConfig, prefix: string): readonly RequiredTensor[] {
  const { numExperts, moeIntermediateSize: width } = config.moe!; // Only sparse layers come here.
  const tensors = [tensor(`${prefix}gate.weight`, numExperts, config.hiddenSize)];
  for (let expert = 0; expert < numExperts; expert++) {
    const expertPrefix = `${prefix}experts.${expert}.`;
    tensors.push(
      tensor(`${expertPrefix}gate_proj.weight`, width, config.hiddenSize),
      tensor(`${expertPrefix}up_proj.weight`, width, config.hiddenSize),
      tensor(`${expertPrefix}down_proj.weight`, config.hiddenSize, width),
    );
  }
  return tensors;
}

function linear(
  name: string,
  shape: readonly [number, number],
  bias: boolean,
): readonly RequiredTensor[] {
  const weight = { name: `${name}.weight`, shape };
  return bias ? [weight, tensor(`${name}.bias`, shape[0])] : [weight];
}

function tensor(name: string, ...shape: readonly number[]): RequiredTensor {
  return { name, shape };
}
