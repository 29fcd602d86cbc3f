import { test } from "node:test";
import { assertGolden } from "../test-support/golden.ts";
import { pdSidecar } from "./pd-sidecar.ts";

test("pdSidecar() stands before one decode rank, without TLS", (t) => {
  const sidecar = pdSidecar({
    host: "{node:4}",
    port: 8101,
    rankPort: 8201,
    kvConnector: "nixlv2",
    bootstrapPort: null,
    startTimeoutMs: 600_000,
  });
  assertGolden(t, "llm-d/disaggregated/pd-sidecar.json", sidecar);
});
