export type { RandomKey } from "./philox.ts";
export { type SampledToken, Sampler, type SamplerOptions } from "./sampler.ts";
export { SampleScratch } from "./scratch.ts";
