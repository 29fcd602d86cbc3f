import assert from "node:assert/strict";
import { test } from "node:test";
import { kvTransferParams, kvTransferParamsField, kvTransferWishOf } from "./kv-transfer-params.ts";

const blocks = {
  engineId: "p",
  requestId: "ab",
  host: "10.0.0.1",
  port: 5600,
  blockIds: [3, 4, 5],
  tokenCount: 40,
};

const wishOf = (params: unknown, stream = false) =>
  kvTransferWishOf(kvTransferParamsField.parse(params), { stream });

test("kvTransferParams() come back as the wish that they are", () => {
  const params = kvTransferParams(blocks);
  assert.deepEqual(params.remote_block_ids, [[3, 4, 5]]);
  assert.deepEqual(wishOf({ ...params, tp_size: 4, anything: {} }, true), {
    kind: "remote-prefill",
    blocks,
  });
  assert.deepEqual(wishOf({ ...params, remote_num_tokens: undefined }), {
    kind: "remote-prefill",
    blocks: { ...blocks, tokenCount: null },
  });
});

test("kvTransferWishOf() takes the proxy's first leg, and nothing for nothing", () => {
  const nulls = {
    remote_engine_id: null,
    remote_block_ids: null,
    remote_host: null,
    remote_port: null,
  };
  const decode = { do_remote_decode: true, do_remote_prefill: false, ...nulls };
  assert.deepEqual(wishOf(decode), { kind: "remote-decode" });
  for (const nothing of [null, undefined, {}, nulls, { do_remote_prefill: false }])
    assert.equal(wishOf(nothing), null);
});

test("kvTransferWishOf() refuses what lacks a key, contradicts itself or could not be answered", () => {
  const params = kvTransferParams(blocks);
  for (const key of [
    "remote_engine_id",
    "remote_request_id",
    "remote_host",
    "remote_port",
    "remote_block_ids",
  ])
    for (const value of [null, undefined])
      assert.throws(() => wishOf({ ...params, [key]: value }), {
        status: 400,
        message: new RegExp(`needs ${key}`),
      });
  assert.throws(() => wishOf({ ...params, do_remote_decode: true }), /exclude each other/);
  assert.throws(() => wishOf({ do_remote_decode: true }, true), /stream/);
});

test("kvTransferParamsField refuses other types and more groups than one", () => {
  const params = kvTransferParams(blocks);
  for (const wrong of [
    [],
    "x",
    { ...params, remote_port: "5600" },
    { ...params, remote_block_ids: [3] },
    { ...params, remote_block_ids: [[3], [4]] },
    { ...params, remote_block_ids: [[0.5]] },
    { ...params, do_remote_prefill: 1 },
  ])
    assert.equal(kvTransferParamsField.safeParse(wrong).success, false);
});
