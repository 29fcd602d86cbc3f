import assert from "node:assert/strict";
import { test } from "node:test";
import { readParams } from "./read-params.ts";

const read = (answer: string) => readParams(Buffer.from(answer))?.toString();

test("readParams() gives the parameters byte for byte", () => {
  const params = '{ "remote_block_ids": [[1,2]], "x":1.0}';
  assert.equal(read(`{"id":"a","kv_transfer_params": ${params} ,"usage":{}}`), params);
});

test("readParams() gives nothing where there are none", () => {
  for (const answer of ['{"kv_transfer_params":null}', "{}", "", "<html>", '{"choices":[']) {
    assert.equal(read(answer), undefined, answer);
  }
});
