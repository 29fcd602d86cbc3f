import assert from "node:assert/strict";
import { test } from "node:test";
import { processesOf } from "../test-support/processes-of.ts";

test("routerPart() opens only the router to the network, and names the flag that moves it", async () => {
  const processes = await processesOf("--server.host=0.0.0.0", "--parallel.dp=2");
  const { ports, ready } = processes.get("router-0")!;
  assert.deepEqual(ports, [
    { purpose: "http", host: "0.0.0.0", port: 8000, flag: "--server.port" },
  ]);
  assert.deepEqual(ready, {
    kind: "http",
    url: "http://127.0.0.1:8000/health",
    timeoutMs: 600_000,
  });
  for (const id of ["rank-0", "rank-1"])
    assert.deepEqual(
      processes.get(id)!.ports.map(({ host, flag }) => [host, flag]),
      [["127.0.0.1", "--server.port"]],
    );
});

test("routerPart() puts the router of pools at their proxy port", async () => {
  const ports = ["proxy_port=7000", "prefill_port=7001", "decode_port=7002"];
  const more = ["prefill_kv_port=7100", "decode_kv_port=7200", "auto_ports=false"];
  const flags = [...ports, ...more].map((word) => `--pd-disagg.${word}`);
  const processes = await processesOf(...flags);
  const portsOf = (id: string) => processes.get(id)!.ports.map(({ port, flag }) => [port, flag]);
  assert.deepEqual(portsOf("router-0"), [[7000, "--pd-disagg.proxy-port"]]);
  assert.deepEqual(portsOf("decode-0-rank-0"), [
    [7002, "--pd-disagg.decode-port"],
    [7200, "--pd-disagg.decode-kv-port"],
  ]);
});

test("routerPart() starts llm-d's endpoint picker before Envoy, and a sidecar with each decode rank", async () => {
  const processes = await processesOf(
    "--slurm.partition=p",
    "--deployment.type=disaggregated",
    "--parallel.tp=8",
    "--router.type=llm-d",
  );
  assert.deepEqual(processes.get("router-0")!.after, ["router-0-epp"]);
  const sidecar = processes.get("decode-0-rank-0-sidecar")!;
  assert.deepEqual([sidecar.kind, sidecar.after], ["sidecar", ["decode-0-rank-0"]]);
  // The sidecar asks its rank on loopback.
  assert.equal(processes.get("decode-0-rank-0")!.ports[0]!.host, "0.0.0.0");
  assert.equal(processes.has("prefill-0-rank-0-sidecar"), false);
});

test("routerPart() lets vllm-router ask each Mooncake rank at its own bootstrap port", async () => {
  const processes = await processesOf(
    "--pd-disagg.prefill-gpu-ids=[0,1]",
    "--pd-disagg.decode-gpu-ids=[2]",
    "--pd-disagg.kv-connector=MooncakeConnector",
    "--router.type=vllm-router",
  );
  const { argv, ports } = processes.get("router-0")!;
  assert.match(argv.join(" "), /--prefill http:\/\/127\.0\.0\.1:8100 8998 /);
  assert.match(argv.join(" "), /--prefill http:\/\/127\.0\.0\.1:8101 8999 /);
  assert.deepEqual(
    ports.map(({ purpose, port }) => [purpose, port]),
    [
      ["http", 8000],
      ["metrics", 29_000],
    ],
  );
});

test("routerPart() gives the router the whole path of the file of keys", async () => {
  const processes = await processesOf("--server.api-key-file=keys");
  const { argv } = processes.get("router-0")!;
  assert.match(argv[argv.indexOf("--api-key-file") + 1]!, /^\/.*\/keys$/);
});

test("routerPart() tells clients of TLS where the router speaks it", async () => {
  const processes = await processesOf("--server.ssl-certfile=/c.pem");
  const { argv, ready } = processes.get("router-0")!;
  assert.equal(argv[argv.indexOf("--ssl-certfile") + 1], "/c.pem");
  assert.ok(ready.kind === "http" && ready.url.startsWith("https://127.0.0.1:8000"));
});

test("routerPart() gives each router a private directory for its admin socket, and finish what runs its time", async () => {
  const words = ["--router.drain-timeout=20", "--parallel.dp=2"];
  const { argv, directories, drainMs } = (await processesOf(...words)).get("router-0")!;
  const [directory] = directories;
  assert.match(directory!, /^\/tmp\/penstock-[0-9a-f]{8}\/router-0-[0-9a-f]{8}$/);
  assert.equal(argv[argv.indexOf("--admin-uds") + 1], `${directory}/admin.sock`);
  assert.equal(argv[argv.indexOf("--drain-timeout-secs") + 1], "20");
  assert.equal(drainMs, 20_000);
  const other = (await processesOf("--server.port=9000")).get("router-0")!;
  assert.notDeepEqual(other.directories, directories);
});

test("routerPart() keeps sessions below output_dir where the policy places them", async () => {
  const sticky = "--router.policy=sticky_least_loaded";
  const directoryOf = async (...words: readonly string[]) => {
    const { argv } = (await processesOf(...words)).get("router-0")!;
    return argv.includes("--sessions-dir") ? argv[argv.indexOf("--sessions-dir") + 1] : undefined;
  };
  assert.match(
    (await directoryOf(sticky))!,
    /^\/project\/outputs\/sessions\/router-0-[0-9a-f]{8}$/,
  );
  assert.equal(await directoryOf(sticky, "--router.keep-sessions=false"), undefined);
  assert.equal(await directoryOf(), undefined);
});

test("routerPart() keeps the access logs of replicas apart", async () => {
  const logOf = async (id: string, ...words: readonly string[]) => {
    const { argv } = (await processesOf(...words)).get(id)!;
    return argv[argv.indexOf("--access-log") + 1];
  };
  const log = "--router.access-log=a.jsonl";
  assert.equal(await logOf("router-0", log), "/project/a.jsonl");
  const two = ["--deployment.num-replicas=2", "--engine=embedded"];
  assert.equal(await logOf("router-1", log, ...two), "/project/a.jsonl.1");
  assert.equal(await logOf("router-1", "--router.access-log=-", ...two), "-");
});

test("routerPart() leaves ports to others where the router listens on a Unix socket", async () => {
  const processes = await processesOf("--server.uds=p.sock");
  const { argv, ports } = processes.get("router-0")!;
  assert.equal(argv[argv.indexOf("--uds") + 1], "/project/p.sock");
  assert.deepEqual(ports, []);
  assert.equal(processes.get("rank-0")!.ports[0]!.port, 8100);
});

test("routerPart() checks keys for vLLM's ranks, which other routers leave to them", async () => {
  const rankOf = async (type: string) =>
    (await processesOf("--engine=vllm", `--router.type=${type}`)).get("rank-0")!;
  assert.equal((await rankOf("penstock")).env["VLLM_API_KEY"], "");
  assert.equal("VLLM_API_KEY" in (await rankOf("vllm-router")).env, false);
});
