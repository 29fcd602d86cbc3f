import assert from "node:assert/strict";
import { test } from "node:test";
import { processesOf } from "../test-support/processes-of.ts";

const apart = ["--engine=embedded", "--deployment.type=disaggregated"];

/** The flags of the hand-over, and where the rank listens for it. */
async function handoverOf(id: string, ...words: readonly string[]) {
  const { argv, ports } = (await processesOf(...words)).get(id)!;
  return {
    flags: /--kv-role.*?(?= --log-level)/.exec(argv.join(" "))?.[0],
    ports: ports.filter(({ purpose }) => purpose === "kv-transfer"),
  };
}

test("embeddedHandover() gives each role its side channel", async () => {
  const prefill = await handoverOf("prefill-0-rank-0", ...apart);
  assert.equal(
    prefill.flags,
    "--kv-role kv_producer --kv-side-channel-host {node:0} --kv-side-channel-port 5600 --kv-lease-duration 30 --kv-load-failure-policy recompute",
  );
  const flag = "--kv-transfer.kv-port";
  const port = { purpose: "kv-transfer", host: "{node:0}", port: 5600, flag };
  assert.deepEqual(prefill.ports, [port]);
  const decode = await handoverOf("decode-0-rank-0", ...apart);
  assert.match(decode.flags!, /kv_consumer .*host \{node:1\} .*port 5600/);
});

test("embeddedHandover() follows [kv_transfer]", async () => {
  const given = ["kv_role=kv_both", "kv_port=7000", "kv_load_failure_policy=fail"];
  const lease = "--kv_transfer.kv_connector_extra_config.kv_lease_duration=90";
  const words = [...apart, ...given.map((word) => `--kv_transfer.${word}`), lease];
  const { flags } = await handoverOf("decode-0-rank-0", ...words);
  assert.match(flags!, /kv_both .*port 7000 --kv-lease-duration 90 --kv-load-failure-policy fail/);
});

test("embeddedHandover() makes a rank of each GPU of a pool, with the pool's ports", async () => {
  const pools = ["--pd-disagg.prefill-gpu-ids=[4,5]", "--pd-disagg.decode-gpu-ids=[6]"];
  const fixed = ["prefill_kv_port=7100", "decode_kv_port=7200"];
  const flags = fixed.map((word) => `--pd-disagg.${word}`);
  const words = ["--engine=embedded", ...pools, ...flags];
  const second = await handoverOf("prefill-1-rank-0", ...words);
  assert.match(second.flags!, /host 127\.0\.0\.1 --kv-side-channel-port 7101/);
  assert.equal((await processesOf(...words)).size, 4);
  const decode = await handoverOf("decode-0-rank-0", ...words);
  assert.equal(decode.ports[0]?.flag, "--pd-disagg.decode-kv-port");
});

test("embeddedHandover() is none where one rank does both", async () => {
  const { flags, ports } = await handoverOf("rank-0", "--engine=embedded");
  assert.deepEqual([flags, ports], [undefined, []]);
});
