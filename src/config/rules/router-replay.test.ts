import assert from "node:assert/strict";
import { test } from "node:test";
import { load, noticesOf, reportOf } from "../test-support/load.ts";

test("routerReplay() makes answers return what the trainer replays", async () => {
  const words = "--trainer.enable_router_replay";
  assert.equal((await load(words)).config.enable_return_routed_experts, true);
  assert.match(
    await noticesOf(words),
    /--trainer\.enable_router_replay {2}enable_return_routed_experts: set to true/,
  );
  assert.match(
    await reportOf(`${words} --no-enable-return-routed-experts`),
    /Expected true: the trainer replays/,
  );
});
