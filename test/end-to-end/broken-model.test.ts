/** A broken model directory or an occupied port stops the start with one clear message. */
import assert from "node:assert/strict";
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { penstockServe, repositoryRoot } from "../support/deployment.ts";
import { findServerPort } from "../support/free-ports.ts";
import { runToEnd, type EndedCommand } from "../support/run-to-end.ts";

const bundled = join(repositoryRoot, "models", "penstock", "reverse-dense");

async function serveBroken(breakIt: (directory: string) => void): Promise<EndedCommand> {
  const directory = mkdtempSync(join(tmpdir(), "penstock-model-"));
  try {
    cpSync(bundled, directory, { recursive: true });
    breakIt(directory);
    const port = await findServerPort(1);
    return await runToEnd([
      ...penstockServe,
      "--model.name",
      directory,
      "--server.port",
      String(port),
    ]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function rewriteJson(path: string, change: (value: Record<string, unknown>) => void): void {
  const value = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  change(value);
  writeFileSync(path, JSON.stringify(value));
}

/** Rewrites the JSON header of a safetensors file, keeping its data. */
function rewriteHeader(
  path: string,
  change: (header: Record<string, { dtype: string; shape: number[] }>) => void,
): void {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + length)) as Record<
    string,
    { dtype: string; shape: number[] }
  >;
  change(header);
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([size, text, bytes.subarray(8 + length)]));
}

const weights = "model.safetensors";
const someTensor = "model.norm.weight";

const cases: Readonly<
  Record<string, readonly [breakIt: (directory: string) => void, named: RegExp]>
> = {
  "config.json missing": [
    (directory) => unlinkSync(join(directory, "config.json")),
    /config\.json/,
  ],
  "config.json that is no JSON": [
    (directory) => writeFileSync(join(directory, "config.json"), "{"),
    /config\.json/,
  ],
  "an unknown architecture": [
    (directory) =>
      rewriteJson(
        join(directory, "config.json"),
        (config) => (config["architectures"] = ["NobodyForCausalLM"]),
      ),
    /NobodyForCausalLM.*Qwen3ForCausalLM/s,
  ],
  "the weights missing": [
    (directory) => unlinkSync(join(directory, weights)),
    /model\.safetensors/,
  ],
  "a shard missing": [
    (directory) => {
      unlinkSync(join(directory, weights));
      writeFileSync(
        join(directory, "model.safetensors.index.json"),
        JSON.stringify({
          metadata: {},
          weight_map: { [someTensor]: "model-00001-of-00002.safetensors" },
        }),
      );
    },
    /model-00001-of-00002\.safetensors/,
  ],
  "truncated safetensors": [
    (directory) => truncateSync(join(directory, weights), 200_000),
    /model\.safetensors/,
  ],
  "a header larger than the file": [
    (directory) =>
      writeFileSync(join(directory, weights), Buffer.from([0, 0, 0, 0, 1, 0, 0, 0, 123])),
    /model\.safetensors.*header/s,
  ],
  "an unknown dtype": [
    (directory) =>
      rewriteHeader(join(directory, weights), (header) => (header[someTensor]!.dtype = "F13")),
    /F13/,
  ],
  "a shape that does not fit config.json": [
    (directory) =>
      rewriteJson(
        join(directory, "config.json"),
        (config) => (config["intermediate_size"] = 4_096),
      ),
    /mlp\..*4096|4096.*mlp\./s,
  ],
  "the tokenizer missing": [
    (directory) => unlinkSync(join(directory, "tokenizer.json")),
    /tokenizer\.json/,
  ],
  "a broken tokenizer": [
    (directory) => writeFileSync(join(directory, "tokenizer.json"), '{"model": 1}'),
    /tokenizer\.json/,
  ],
};

for (const [name, [breakIt, named]] of Object.entries(cases))
  test(`serve refuses a model with ${name}`, async () => {
    const { exitCode, output } = await serveBroken(breakIt);
    assert.equal(exitCode, 1, output);
    assert.match(output, named);
    assert.doesNotMatch(output, /\n\s+at .*\.ts:\d+/, "no stack trace for an operating error");
    assert.equal(output.match(/Cannot /g)?.length, 1, `one message:\n${output}`);
  });

test("serve refuses a model that is nowhere", async () => {
  const { exitCode, output } = await runToEnd([...penstockServe, "--model.name", "nobody/nothing"]);
  assert.equal(exitCode, 1, output);
  assert.match(output, /nobody\/nothing/);
});

test("serve names an occupied port, its holder and the flag that moves it", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  const { port } = holder.address() as AddressInfo;
  try {
    const { exitCode, output } = await runToEnd([...penstockServe, "--server.port", String(port)]);
    assert.equal(exitCode, 1, output);
    assert.match(output, new RegExp(`port ${port} is already in use`));
    assert.match(output, new RegExp(`pid ${process.pid}\\b`));
    assert.match(output, /--server\.port/);
  } finally {
    holder.close();
  }
});
