/**
 * Room to compute in, made once for all requests: a row of a large vocabulary is over half a megabyte, too much
 * to allocate for every token. Nothing in it outlives one call of the sampler.
 */
export class SampleScratch {
  readonly logits: Float32Array<ArrayBuffer>;
  readonly candidateIds: Int32Array<ArrayBuffer>;
  readonly weights: Float64Array<ArrayBuffer>;
  readonly selection: Float64Array<ArrayBuffer>;

  constructor(vocabSize: number) {
    this.logits = new Float32Array(vocabSize);
    this.candidateIds = new Int32Array(vocabSize);
    this.weights = new Float64Array(vocabSize);
    this.selection = new Float64Array(vocabSize);
  }
}
