import assert from "node:assert/strict";
import { test } from "node:test";
import { findAdminSocket } from "./find-admin-socket.ts";

test("findAdminSocket() takes the path that is named, and no deployment beside it", async () => {
  assert.equal(await findAdminSocket({ adminUds: "admin.sock" }), "admin.sock");
  await assert.rejects(findAdminSocket({ adminUds: "a", deployment: "k" }), {
    code: "COMMAND_INVALID",
    message: /--deployment does not go with --admin-uds/,
  });
});
