import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { isPenstockError } from "../../../errors/mod.ts";
import type { Plan, PlannedProcess } from "../../../plan/mod.ts";
import { planOf, plannedProcess } from "../../test-support/planned-process.ts";
import { scratchDirectory } from "../../test-support/scratch-directory.ts";
import { checkVllm, type VllmCheckOptions } from "./check-vllm.ts";

const script = (...lines: readonly string[]) => ["#!/bin/sh", ...lines, ""].join("\n");

/** A machine with one GPU of 80 GiB, and with vLLM, both made of shell scripts. */
function machine(directory: string): Required<VllmCheckOptions> {
  mkdirSync(join(directory, "bin"));
  const nvidiaSmi = join(directory, "bin", "nvidia-smi");
  writeFileSync(nvidiaSmi, script('echo "0, H100, 81920, 81000"'), { mode: 0o700 });
  writeFileSync(join(directory, "bin", "vllm"), script(), { mode: 0o700 });
  const places = { path: join(directory, "bin"), workingDirectory: directory };
  return { version: "0.33.0", places, nvidiaSmi };
}

function planWith(source: string, ...processes: readonly PlannedProcess[]): Plan {
  return { ...planOf(processes), engine: "vllm", model: { ...planOf().model, source } };
}

const engine = plannedProcess({ id: "rank-0", kind: "engine", argv: ["vllm"], gpus: [0] });

async function linesOf(plan: Plan, options: VllmCheckOptions): Promise<readonly string[]> {
  try {
    await checkVllm(plan, options);
    return [];
  } catch (error) {
    assert.ok(isPenstockError(error) && error.code === "VLLM_NOT_READY");
    return error.message.split("\n").slice(1);
  }
}

test("checkVllm() lets a machine pass that has everything", async (context) => {
  const directory = scratchDirectory(context);
  const options = machine(directory);
  for (const source of [directory, "Qwen/Qwen3-0.6B", "gpt2"])
    assert.deepEqual(await linesOf(planWith(source, engine), options), []);
});

test("checkVllm() names everything that is missing in one error, a line each", async (context) => {
  const server = createServer().listen(0, "127.0.0.1");
  context.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const router = plannedProcess({ argv: ["vllm-router"] });
  const busy = { purpose: "http", host: "127.0.0.1", port, flag: "--server.port" } as const;
  const other = { ...engine, id: "rank-1", gpus: [4], ports: [busy] };
  const plan = planWith("/no/such/model", router, engine, other);
  const places = { path: "/no/such/folder", workingDirectory: "/" };
  const { nvidiaSmi } = machine(scratchDirectory(context));
  const lines = await linesOf(plan, { version: null, places, nvidiaSmi });
  const wanted = [
    /"vllm-router", which "router-0" runs, is no program on PATH; install it/,
    /"vllm", which "rank-0" runs, is no program on PATH; install vLLM .*--vllm\.executable$/,
    /the release of vLLM is not known.*--vllm\.version$/,
    /GPU 4 is wanted, but this machine has GPUs 0; /,
    /the model "\/no\/such\/model" is neither there nor .*; give --model\.name/,
    new RegExp(`"rank-1": port ${port} is already in use .*--server\\.port`),
  ];
  assert.equal(lines.length, wanted.length, lines.join("\n"));
  for (const [index, line] of lines.entries()) assert.match(line, wanted[index]!);
});

test("checkVllm() wants no GPUs of NVIDIA for a vLLM that is built for other devices", async (context) => {
  const options = machine(scratchDirectory(context));
  const plan = planWith("owner/name", { ...engine, gpus: [7] });
  assert.equal((await linesOf(plan, options)).length, 1);
  for (const version of ["0.33.0+cpu", "0.33.0+rocm700", "0.32.1.dev7+g1a2b3c.cpu"])
    assert.deepEqual(await linesOf(plan, { ...options, version }), []);
});

test("checkVllm() tells paths that lead nowhere from names of the hub", async (context) => {
  const options = machine(scratchDirectory(context));
  for (const source of ["./models/mine", "a/b/c", "../mine", "with space/x"])
    assert.equal((await linesOf(planWith(source, engine), options)).length, 1, source);
});

test("checkVllm() refuses several nodes, whose GPUs are those of one machine here", async (context) => {
  const options = machine(scratchDirectory(context));
  const plan = { ...planOf([engine], [{ ...engine, id: "rank-1" }]), engine: "vllm" } as const;
  const lines = await linesOf({ ...plan, model: { ...plan.model, source: "a/b" } }, options);
  assert.match(lines.join("\n"), /takes 2 machines, but this is one; .*--launch slurm/);
});
