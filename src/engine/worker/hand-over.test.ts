import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { fakeAnswer, makeFakeModelRunner } from "../test-support/fake-model-runner.ts";
import { kvTransferOptions } from "../test-support/kv-transfer.ts";
import { samplingParams } from "../test-support/sampling-params.ts";
import { VirtualTransfer, type VirtualTransferOptions } from "../test-support/virtual-transfer.ts";
import type { EngineOutput, KvSource, KvTransferOptions } from "../types.ts";
import { EngineCore } from "./engine-core.ts";

interface Arrival {
  /** Steps after the arrival before it. */
  readonly gap: number;
  /** Prompts of a family begin alike. */
  readonly family: number;
  readonly promptLength: number;
  readonly maxTokens: number;
  /** Steps from the end of prefill to decode. */
  readonly delay: number;
  /** Steps that it lives before it is aborted, wherever it is by then; null: never. */
  readonly abortAfter: number | null;
  /** It goes to the consumer right away. */
  readonly isPlain: boolean;
  /** The consumer is asked for the logprobs of the prompt, which no blocks bring. */
  readonly isScored: boolean;
}

interface Scenario extends Pick<VirtualTransferOptions, "leaseSteps" | "pulls"> {
  readonly blockSize: number;
  readonly producerBlocks: number;
  readonly consumerBlocks: number;
  readonly maxNumSeqs: number;
  readonly hasPrefixCache: boolean;
  readonly policy: KvTransferOptions["kvLoadFailurePolicy"];
  readonly arrivals: readonly Arrival[];
}

interface Counts {
  answers: number;
  pulls: number;
  failures: number;
  preemptions: number;
  errors: number;
}

/** A request on its way: at the producer, between the two, or at the consumer. */
interface Journey extends Arrival {
  readonly id: string;
  readonly prompt: readonly number[];
  readonly arrivesAt: number;
  /** When and with what the consumer gets it. */
  decode: { readonly at: number; readonly source: KvSource | null } | null;
  readonly tokenIds: number[];
  isOver: boolean;
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #counts: Counts;
  readonly #network: VirtualTransfer;
  readonly #producer: EngineCore;
  readonly #consumer: EngineCore;
  readonly #journeys: readonly Journey[];
  #step = 0;

  constructor(scenario: Scenario, counts: Counts) {
    this.#scenario = scenario;
    this.#counts = counts;
    const { blockSize, producerBlocks, consumerBlocks } = scenario;
    const producer = makeFakeModelRunner({ blockSize, blockCount: producerBlocks });
    const consumer = makeFakeModelRunner({ blockSize, blockCount: consumerBlocks });
    this.#network = new VirtualTransfer({
      ...scenario,
      producer: producer.kvMemory,
      consumer: consumer.kvMemory,
    });
    this.#producer = this.#makeCore(producer, "kv_producer");
    this.#consumer = this.#makeCore(consumer, "kv_consumer");
    this.#journeys = this.#plan();
  }

  /** Goes on until nothing lives and nothing is held, checking both engines after every step. */
  run(): void {
    for (; !this.#isOver(); this.#step++) {
      assert(this.#step < 3_000, "Somebody starves");
      this.#submit();
      this.#abort();
      this.#network.tick();
      this.#hear();
      for (const output of this.#producer.step()) this.#endPrefill(output);
      for (const output of this.#consumer.step()) this.#take(output);
      this.#producer.check();
      this.#consumer.check();
    }
    for (const core of [this.#producer, this.#consumer]) assert.equal(core.stats().kvCacheUsage, 0);
    const { preemptionsTotal, kvTransfer } = this.#consumer.stats();
    this.#counts.preemptions += preemptionsTotal;
    this.#counts.pulls += kvTransfer!.pullsTotal;
    this.#counts.failures += kvTransfer!.failedPullsTotal;
  }

  #isOver(): boolean {
    if (this.#journeys.some(({ isOver }) => !isOver)) return false;
    return [this.#producer, this.#consumer].every((core) => {
      const { leaseCount, pullCount } = core.stats().kvTransfer!;
      return leaseCount + pullCount === 0;
    });
  }

  #submit(): void {
    for (const journey of this.#journeys) {
      const { id, prompt, maxTokens, isPlain, isScored, arrivesAt, isOver, decode } = journey;
      if (isOver) continue;
      const promptTokenIds = Int32Array.from(prompt);
      if (arrivesAt === this.#step && !isPlain)
        this.#producer.add({
          requestId: id,
          promptTokenIds,
          samplingParams: samplingParams({ maxTokens: 1 }),
          kvTransfer: { kind: "remote-decode" },
        });
      const source = decode?.source ?? null;
      if ((decode?.at ?? (isPlain ? arrivesAt : -1)) === this.#step)
        this.#consumer.add({
          requestId: id,
          promptTokenIds,
          samplingParams: samplingParams({ maxTokens, promptLogprobs: isScored ? 0 : null }),
          ...(source !== null && { kvTransfer: { kind: "remote-prefill", source } }),
        });
    }
  }

  #abort(): void {
    for (const journey of this.#journeys) {
      const { id, arrivesAt, abortAfter, isOver } = journey;
      if (isOver || abortAfter === null || arrivesAt + abortAfter !== this.#step) continue;
      this.#producer.abort(id);
      this.#consumer.abort(id);
      journey.isOver = true;
    }
  }

  #hear(): void {
    for (const message of this.#network.toProducer.splice(0))
      assert.equal(this.#producer.hear(message), null);
    for (const message of this.#network.toConsumer.splice(0)) {
      const output = this.#consumer.hear(message);
      if (output !== null) this.#take(output);
    }
  }

  #endPrefill({ requestId, kvSource }: EngineOutput): void {
    const journey = this.#journeys[Number(requestId)]!;
    assert(kvSource !== undefined, "A prefill ended without its blocks");
    journey.decode = { at: this.#step + 1 + journey.delay, source: kvSource };
  }

  #take(output: EngineOutput): void {
    const journey = this.#journeys[Number(output.requestId)]!;
    journey.tokenIds.push(...output.tokenIds);
    if (output.promptLogprobs !== undefined)
      assert.equal(output.promptLogprobs.length, journey.prompt.length - 1);
    if (output.finishReason === null) return;
    journey.isOver = true;
    this.#counts.answers += 1;
    if (output.finishReason === "error") {
      assert.match(output.error!, /did not come/);
      assert.equal(this.#scenario.policy, "fail");
      this.#counts.errors += 1;
      return;
    }
    const { prompt, tokenIds } = journey;
    assert.deepEqual(tokenIds, fakeAnswer(prompt, tokenIds.length), "The answer is wrong");
  }

  #makeCore(
    runner: ReturnType<typeof makeFakeModelRunner>,
    kvRole: KvTransferOptions["kvRole"],
  ): EngineCore {
    const { maxNumSeqs, hasPrefixCache, policy } = this.#scenario;
    const network = this.#network;
    return new EngineCore({
      runner,
      maxNumSeqs,
      maxNumBatchedTokens: maxNumSeqs + 4,
      queueDepthMax: 100,
      seed: 0,
      eosTokenIds: [],
      enablePrefixCaching: hasPrefixCache,
      handOver: {
        kvTransfer: kvTransferOptions(kvRole, { kvLoadFailurePolicy: policy }),
        send: (message) =>
          kvRole === "kv_producer" ? network.hearProducer(message) : network.hearConsumer(message),
      },
    });
  }

  #plan(): Journey[] {
    const { blockSize, producerBlocks, consumerBlocks, arrivals } = this.#scenario;
    const lengthMax = blockSize * Math.min(producerBlocks, consumerBlocks) - 1;
    let arrivesAt = 0;
    return arrivals.map((arrival, index) => {
      arrivesAt += arrival.gap;
      const length = Math.min(arrival.promptLength, lengthMax);
      const prompt = Array.from({ length }, (_, at) => (arrival.family * 7 + at) % 50);
      const way = { decode: null, tokenIds: [], isOver: false };
      return { ...arrival, ...way, id: `${index}`, prompt, arrivesAt };
    });
  }
}

const someScenario: fc.Arbitrary<Scenario> = fc.record({
  blockSize: fc.integer({ min: 1, max: 4 }),
  producerBlocks: fc.integer({ min: 3, max: 24 }),
  consumerBlocks: fc.integer({ min: 3, max: 24 }),
  maxNumSeqs: fc.integer({ min: 1, max: 5 }),
  hasPrefixCache: fc.boolean(),
  policy: fc.constantFrom("recompute", "fail"),
  leaseSteps: fc.integer({ min: 1, max: 40 }),
  pulls: fc.array(fc.record({ steps: fc.nat(8), isCut: fc.boolean() }), {
    minLength: 1,
    maxLength: 5,
  }),
  arrivals: fc.array(
    fc.record({
      gap: fc.nat(3),
      family: fc.nat(2),
      promptLength: fc.integer({ min: 1, max: 30 }),
      maxTokens: fc.integer({ min: 1, max: 12 }),
      delay: fc.nat(6),
      abortAfter: fc.option(fc.nat(25), { freq: 4 }),
      isPlain: fc.nat(3).map((value) => value === 0),
      isScored: fc.nat(3).map((value) => value === 0),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});

test("EngineCore hands blocks over under any schedule: right answers, and nothing held at the end", () => {
  const counts: Counts = { answers: 0, pulls: 0, failures: 0, preemptions: 0, errors: 0 };
  const property = fc.property(someScenario, (scenario) => new Simulation(scenario, counts).run());
  fc.assert(property, { numRuns: 1_000 });
  for (const [name, count] of Object.entries(counts)) assert(count > 0, `No ${name}`);
});
