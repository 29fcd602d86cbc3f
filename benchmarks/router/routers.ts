/**
 * The routers that are compared, each set up for the same work: sessions stay on their rank by a hash of X-Session-Id,
 * nothing is held back, requests are logged to a file (by nginx and ours), no API keys.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const routerNames = ["nginx", "vllm-router", "ours"] as const;
export type RouterName = (typeof routerNames)[number];

export interface RouterSetup {
  readonly port: number;
  readonly rankPorts: readonly number[];
  /** An empty folder for what it writes. */
  readonly folder: string;
  /** Processes, or threads where it has those. */
  readonly workerCount: number;
  /** Where a CPU profile of it goes, in case of ours. */
  readonly profileFile?: { readonly folder: string; readonly name: string } | undefined;
}

export interface RouterCommand {
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** In the folder of a router: a line for each request. */
export const accessLogName = "access.jsonl";

const root = join(import.meta.dirname, "..", "..");
const pythonFolder = join(root, "build", "router-bench", "python");
const vllmRouter = "vllm-router==0.1.17";
const installMsMax = 900_000;
const { PENSTOCK_API_KEY: _, ...environment } = process.env;
const penstock = join(root, "bin", "penstock.js");

/** Installs what is missing: nginx with apt-get, vllm-router with pip into a folder below build/. */
export function install(name: RouterName): void {
  if (name === "nginx" && findNginx() === undefined) {
    runOrThrow(["apt-get", "update", "-qq"]);
    runOrThrow(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "nginx"]);
  }
  if (name === "vllm-router" && !existsSync(join(pythonFolder, "bin", "vllm-router"))) {
    mkdirSync(pythonFolder, { recursive: true });
    runOrThrow(["python3", "-m", "venv", pythonFolder]);
    runOrThrow([join(pythonFolder, "bin", "pip"), "install", "--quiet", vllmRouter]);
  }
}

/** How the program is started. */
export function commandOf(name: RouterName, setup: RouterSetup): RouterCommand {
  return commands[name](setup);
}

/** What runs, for the record. */
export function versionOf(name: RouterName): string {
  if (name === "vllm-router") return vllmRouter;
  if (name === "nginx") {
    const { stderr } = spawnSync(findNginx() ?? "nginx", ["-v"], { encoding: "utf8" });
    return stderr.trim();
  }
  const { stdout } = spawnSync("git", ["describe", "--always", "--dirty"], {
    cwd: root,
    encoding: "utf8",
  });
  return `penstock ${stdout.trim()}`;
}

const commands: Readonly<Record<RouterName, (setup: RouterSetup) => RouterCommand>> = {
  nginx: (setup) => {
    const file = join(setup.folder, "nginx.conf");
    writeFileSync(file, nginxConfig(setup));
    const error = join(setup.folder, "error.log");
    return {
      argv: [findNginx() ?? "nginx", "-e", error, "-p", setup.folder, "-c", file],
      environment,
    };
  },
  "vllm-router": ({ port, rankPorts, workerCount }) => ({
    argv: [
      join(pythonFolder, "bin", "vllm-router"),
      "--host=127.0.0.1",
      `--port=${port}`,
      `--prometheus-port=${port + 100}`,
      "--policy=consistent_hash",
      // Its log of requests is three lines of debugging each, written one by one; it does better without.
      "--log-level=error",
      "--worker-urls",
      ...rankPorts.map(urlOf),
    ],
    environment: { ...environment, TOKIO_WORKER_THREADS: String(workerCount) },
  }),
  ours: ({ port, rankPorts, folder, workerCount, profileFile }) => {
    const profile = [
      "--cpu-prof",
      `--cpu-prof-dir=${profileFile?.folder}`,
      `--cpu-prof-name=${profileFile?.name}`,
    ];
    const ranks = rankPorts.flatMap((rank) => ["--worker-urls", urlOf(rank)]);
    return {
      argv: [
        process.execPath,
        ...(profileFile === undefined ? [] : profile),
        penstock,
        "router",
        `--port=${port}`,
        "--policy=consistent_hash",
        `--threads=${workerCount}`,
        `--access-log=${folder}/${accessLogName}`,
        ...ranks,
      ].filter(isTaken),
      environment,
    };
  },
};

/** Whether `penstock router` has the flag, so that versions of it without one can be measured too. */
function isTaken(word: string): boolean {
  const flag = /^--(threads|access-log)=/.exec(word)?.[1];
  return flag === undefined || routerHelp().includes(`[--${flag}]`);
}

/** Whether the router can spread its work over several threads or processes. */
export function hasWorkers(name: RouterName): boolean {
  return name !== "ours" || isTaken("--threads=2");
}

let help: string | undefined;

function routerHelp(): string {
  help ??= spawnSync(process.execPath, [penstock, "router", "--help"], { encoding: "utf8" }).stdout;
  return help;
}

/** The log holds what nginx knows of what ours holds, and lines are written together, as ours are. */
function nginxConfig({ port, rankPorts, folder, workerCount }: RouterSetup): string {
  return `
daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes ${workerCount};
pid ${folder}/nginx.pid;
events { worker_connections 8192; }
http {
  log_format json escape=json '{"time":"$time_iso8601","request_id":"$http_x_request_id",'
    '"client":"$remote_addr","method":"$request_method","path":"$uri","status":$status,'
    '"rank":"$upstream_addr","bytes_in":$request_length,"bytes_out":$bytes_sent,'
    '"ttft_s":"$upstream_header_time","total_s":$request_time,"session":"$http_x_session_id"}';
  access_log ${folder}/${accessLogName} json buffer=64k flush=1s;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  client_max_body_size 256m;
  keepalive_requests 1000000000;
  upstream ranks {
    hash $http_x_session_id consistent;
    ${rankPorts.map((rank) => `server 127.0.0.1:${rank};`).join(" ")}
    keepalive 1024;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://ranks;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 4h;
    }
  }
}
`;
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function findNginx(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, "nginx")).find(existsSync);
}

function runOrThrow(argv: readonly string[]): void {
  const [program = "", ...words] = argv;
  const { status, error } = spawnSync(program, words, { stdio: "inherit", timeout: installMsMax });
  if (status !== 0)
    throw new Error(`Cannot install: "${argv.join(" ")}" ended with ${error?.message ?? status}`);
}
