import assert from "node:assert/strict";
import { test } from "node:test";
import { load, reportOf } from "../test-support/load.ts";

test("pdDisaggPorts() asks for every port where none is chosen", async () => {
  const report = await reportOf("--no-pd_disagg.auto_ports --pd_disagg.proxy_port 8000");
  assert.match(
    report,
    /--no-pd_disagg\.auto_ports {2}false\n +Expected true, or a port for each of prefill_port, decode_port, prefill_kv_port, decode_kv_port$/,
  );
  assert.equal((await load("--pd_disagg")).config.pd_disagg?.auto_ports, true);
});

test("pdDisaggPorts() asks for ports apart", async () => {
  assert.match(
    await reportOf("--pd_disagg.prefill_port 8100 --pd_disagg.decode_port 8100"),
    /Expected another port than pd_disagg\.prefill_port = 8100/,
  );
});
