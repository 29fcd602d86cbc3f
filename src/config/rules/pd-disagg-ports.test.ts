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

test("pdDisaggPorts() asks for ports that leave room for every worker", async () => {
  const pools = "--pd_disagg.prefill_gpu_ids [0,1] --pd_disagg.decode_gpu_ids [2,3]";
  const http =
    "--pd_disagg.proxy_port 8000 --pd_disagg.prefill_port 8001 --pd_disagg.decode_port 8003";
  const kv = "--pd_disagg.prefill_kv_port 5600 --pd_disagg.decode_kv_port";
  const words = `${pools} ${http} ${kv}`;
  assert.match(
    await reportOf(`${words} 5601 --no-pd_disagg.auto_ports`),
    /decode_kv_port +5601\n +Expected a port outside 5600 to 5601, which the workers of pd_disagg\.prefill_kv_port take/,
  );
  for (const accepted of [`${words} 5602 --no-pd_disagg.auto_ports`, `${words} 5601`])
    assert.ok((await load(accepted)).config.pd_disagg);
});
