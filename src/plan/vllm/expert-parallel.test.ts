import assert from "node:assert/strict";
import { test } from "node:test";
import { expertParallelFlags } from "./expert-parallel.ts";
import { flagsToWords } from "./flag-words.ts";
import type { ParallelOptions } from "./options.ts";
import { parseVllmVersion } from "./version.ts";

const newest = parseVllmVersion("0.33.0")!;
const words = (options: ParallelOptions): string =>
  flagsToWords(expertParallelFlags(options, newest).value).join(" ");

test("expertParallelFlags() writes nothing for what is off", () => {
  assert.equal(words({ enableExpertParallel: false, enableEplb: false, enableDbo: false }), "");
});

test("expertParallelFlags() writes EPLB with the keys that were given", () => {
  const eplbConfig = { window_size: 10, use_async: false, communicator: null };
  assert.equal(
    words({ enableExpertParallel: true, enableEplb: true, eplbConfig }),
    '--enable-expert-parallel --enable-eplb --eplb-config {"window_size":10,"use_async":false}',
  );
  assert.equal(words({ enableEplb: true }), "--enable-eplb");
});

test("expertParallelFlags() leaves eplb_config out where EPLB is off", () => {
  assert.equal(words({ eplbConfig: { window_size: 10 } }), "");
});

test("expertParallelFlags() writes dual batch overlap with its thresholds", () => {
  assert.equal(
    words({ enableDbo: true, dboDecodeTokenThreshold: 8 }),
    "--enable-dbo --dbo-decode-token-threshold 8",
  );
});

test("expertParallelFlags() passes on what became of the backend", () => {
  const told = expertParallelFlags({ all2allBackend: "pplx" }, newest);
  assert.equal(told.value["--all2all-backend"], "allgather_reducescatter");
  assert.equal(told.notices.length, 1);
  assert.equal(
    expertParallelFlags({ all2allBackend: "x" }, newest).mistakes[0]!.option,
    "all2allBackend",
  );
});

test("expertParallelFlags() refuses a key of EPLBConfig that the release does not have", () => {
  const options = { enableEplb: true, eplbConfig: { enable_migration_batching: true } };
  assert.equal(expertParallelFlags(options, newest).mistakes.length, 0);
  const older = expertParallelFlags(options, parseVllmVersion("0.31.0")!);
  assert.match(older.mistakes[0]!.message, /from 0\.32\.0 on/);
});
