import assert from "node:assert/strict";
import { test } from "node:test";
import { modelCard } from "./model-card.ts";

test("modelCard() is vLLM's card, permission included", () => {
  const options = { id: "m", root: "/m", created: 5, maxModelLen: 8, permissionId: "modelperm-1" };
  const { permission, ...card } = modelCard(options);
  assert.deepEqual(card, {
    id: "m",
    object: "model",
    created: 5,
    owned_by: "vllm",
    root: "/m",
    parent: null,
    max_model_len: 8,
  });
  assert.equal(permission.length, 1);
  assert.partialDeepStrictEqual(permission[0], {
    id: "modelperm-1",
    object: "model_permission",
    created: 5,
    organization: "*",
    group: null,
  });
});
