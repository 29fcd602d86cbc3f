import assert from "node:assert/strict";
import { test } from "node:test";
import { kvTransferOptions } from "../test-support/kv-transfer.ts";
import { samplingParams } from "../test-support/sampling-params.ts";
import type { KvSource, KvTransferOptions, KvTransferRequest, ModelSummary } from "../types.ts";
import { checkKvTransfer } from "./check-kv-transfer.ts";

const model = { blockSize: 16 } as ModelSummary;

const source: KvSource = {
  engineId: "p",
  requestId: "0123456789abcdef".repeat(2),
  host: "10.0.0.1",
  port: 5600,
  blockIds: [4, 2, 9],
  tokenCount: 33,
};

function check(kvTransfer: KvTransferRequest, options?: KvTransferOptions): void {
  const promptTokenIds = Array.from({ length: 40 }, () => 1);
  const request = { requestId: "a", promptTokenIds, samplingParams: samplingParams(), kvTransfer };
  checkKvTransfer(request, model, options);
}

test("checkKvTransfer() takes what goes with the prompt and the role", () => {
  check({ kind: "remote-decode" }, kvTransferOptions("kv_producer"));
  const prefill = { kind: "remote-prefill", source } as const;
  for (const role of ["kv_consumer", "kv_both"] as const) check(prefill, kvTransferOptions(role));
  const more = { ...source, tokenCount: 40, host: "fe80::1%eth0" };
  check({ kind: "remote-prefill", source: more }, kvTransferOptions("kv_both"));
});

test("checkKvTransfer() refuses a part that the engine does not play", () => {
  const prefill = { kind: "remote-prefill", source } as const;
  assert.throws(() => check(prefill), /started without a kv role/);
  assert.throws(() => check(prefill, kvTransferOptions("kv_producer")), /role "kv_producer"/);
  assert.throws(
    () => check({ kind: "remote-decode" }, kvTransferOptions("kv_consumer")),
    /role "kv_consumer"/,
  );
});

test("checkKvTransfer() refuses blocks that cannot be those of the prompt", () => {
  const wrong: [Partial<KvSource>, RegExp][] = [
    [{ requestId: "a" }, /remote request id/],
    [{ requestId: source.requestId.toUpperCase() }, /remote request id/],
    [{ host: "" }, /remote host/],
    [{ host: "a b" }, /remote host/],
    [{ host: "x".repeat(256) }, /remote host/],
    [{ port: 0 }, /remote port/],
    [{ port: 65_536 }, /remote port/],
    [{ port: 1.5 }, /remote port/],
    [{ tokenCount: 0 }, /remote tokens/],
    [{ tokenCount: 41 }, /remote tokens/],
    [{ tokenCount: NaN }, /remote tokens/],
    [{ tokenCount: 32 }, /3 remote blocks, 32 tokens take 2/],
    [{ blockIds: [] }, /0 remote blocks/],
    [{ blockIds: [1, 2, 2] }, /each once/],
    [{ blockIds: [1, 2, -1] }, /each once/],
    [{ blockIds: [1, 2, 2 ** 31] }, /each once/],
    [{ blockIds: [1, 2, 0.5] }, /each once/],
  ];
  for (const [part, reason] of wrong)
    assert.throws(
      () =>
        check(
          { kind: "remote-prefill", source: { ...source, ...part } },
          kvTransferOptions("kv_both"),
        ),
      { code: "ENGINE_REQUEST_INVALID", message: reason },
    );
});
