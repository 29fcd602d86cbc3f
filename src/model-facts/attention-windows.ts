import type { FactReader } from "./fact-reader.ts";
import type { FamilyFacts } from "./model-families.ts";

/** What a layer keeps of the tokens before: all, the last few, or a state of constant size (linear attention, SSM). */
export type LayerMemory =
  | { readonly kind: "full" }
  | { readonly kind: "window"; readonly tokens: number }
  | { readonly kind: "state" };

const full: LayerMemory = { kind: "full" };
const state: LayerMemory = { kind: "state" };

/** [numHiddenLayers] What each layer keeps. Throws MODEL_CONFIG_INVALID. */
export function readLayerMemories(
  facts: FactReader,
  family: FamilyFacts,
  numHiddenLayers: number,
): readonly LayerMemory[] {
  const types = facts.list(["layer_types", "layers_block_type"]);
  const layers = Array.from({ length: numHiddenLayers }, (_, layer) => layer);
  if (types.length > 0) {
    if (types.length !== numHiddenLayers)
      facts.fail(["layer_types", "layers_block_type"], `a list of ${numHiddenLayers}`);
    return layers.map((layer) => memoryOfType(facts, family, types[layer]));
  }
  const window = readWindow(facts, family);
  if (window === null) return layers.map(() => full);
  const slides = readPattern(facts, family);
  return layers.map((layer) => (slides(layer) ? window : full));
}

function memoryOfType(facts: FactReader, family: FamilyFacts, type: unknown): LayerMemory {
  switch (type) {
    case "sliding_attention":
      return readWindow(facts, family) ?? facts.fail("sliding_window", "an integer from 1");
    case "chunked_attention":
      return { kind: "window", tokens: facts.integer("attention_chunk_size") };
    case "linear_attention":
    case "mamba":
    case "mamba2":
    case "conv":
    case "recurrent":
      return state;
    default:
      // A sparse or hybrid attention still keeps every token of its layer.
      return full;
  }
}

function readWindow(facts: FactReader, family: FamilyFacts): LayerMemory | null {
  if (!facts.boolean("use_sliding_window", family.windowNeedsSwitch !== true)) return null;
  const fallback = family.defaults?.["sliding_window"];
  const tokens = facts.optionalInteger("sliding_window") ?? fallback;
  return tokens === undefined ? null : { kind: "window", tokens };
}

/** True for layers that keep a window, where layer_types does not say. */
function readPattern(facts: FactReader, family: FamilyFacts): (layer: number) => boolean {
  const letters = facts.text("sliding_window_pattern");
  if (letters !== null && letters !== "") return (layer) => letters[layer % letters.length] === "L";
  const names = ["sliding_window_pattern", "_sliding_window_pattern"];
  const period = facts.optionalInteger(names) ?? family.windowPeriod;
  if (period !== undefined) return (layer) => (layer + 1) % period !== 0;
  const first = facts.integer("max_window_layers", { min: 0, fallback: 0 });
  return (layer) => layer >= first;
}
