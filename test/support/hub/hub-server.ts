import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

const lfsBytesMin = 100_000;
const pageEntries = 3;

/** What a hub does wrong with one request for the content of a file. */
export interface Fault {
  /** Answers with this status and nothing else. */
  readonly status?: number;
  /** Sends so many bytes of the answer, then closes the connection or says nothing more. */
  readonly afterBytes?: number;
  readonly ends?: "cut" | "silent";
  /** Sends other content than the hub lists. */
  readonly content?: Buffer;
  /** Sends the whole file where a part was asked for. */
  readonly ignoresRange?: boolean;
  /** Sends another part than was asked for. */
  readonly otherRange?: boolean;
  /** Sends the answer in so many pieces, with pauses in between. */
  readonly pieces?: number;
  readonly pauseMs?: number;
}

export interface HubRequest {
  readonly server: "hub" | "content";
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

interface Repo {
  readonly commit: string;
  /** Branches and tags, and the commit itself. */
  readonly revisions: readonly string[];
  readonly files: ReadonlyMap<string, Buffer>;
}

/**
 * A small Hugging Face hub on loopback: model information, listings in pages, files with ranges. Large files are
 * handed out by a second server, to which the first one sends, as the real one does.
 */
export class HubServer implements AsyncDisposable {
  /** Every request so far. */
  readonly requests: HubRequest[] = [];
  /** By file, in the order in which they happen; a request without a fault is answered as it should be. */
  readonly faults = new Map<string, Fault[]>();
  /** Statuses of the next answers of the API. */
  readonly apiFaults: number[] = [];
  /** When set, whoever does not show it gets status 401. */
  token: string | undefined;
  /** Changes a listing before it is sent. */
  disguise: (entry: Record<string, unknown>) => unknown = (entry) => entry;
  readonly #repos = new Map<string, Repo>();
  readonly #hub = createServer((request, response) => this.#answer(request, response));
  readonly #content = createServer((request, response) => this.#answerContent(request, response));

  static async start(): Promise<HubServer> {
    const started = new HubServer();
    for (const server of [started.#hub, started.#content]) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    return started;
  }

  get endpoint(): string {
    return urlOf(this.#hub);
  }

  /** Offers files as a model under a branch or tag, in place of those it had; returns the commit. */
  add(name: string, files: Readonly<Record<string, Buffer | string>>, revision = "main"): string {
    const contents = new Map(
      Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]),
    );
    const hash = createHash("sha1").update(name);
    for (const [path, content] of contents) hash.update(path).update(content);
    const commit = hash.digest("hex");
    this.#repos.set(name, { commit, revisions: [revision, commit], files: contents });
    return commit;
  }

  /** The requests for the content of a file that came so far. */
  asked(file: string): readonly HubRequest[] {
    return this.requests.filter(({ path }) => path.endsWith(`/${file}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.#hub, this.#content]) {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = this.#note("hub", request);
    const isAllowed =
      this.token === undefined || request.headers.authorization === `Bearer ${this.token}`;
    const [, kind, name = "", what, revision, file] =
      /^\/(api\/models\/|)([^/]+\/[^/]+)\/(revision|tree|resolve)\/([^/]+)(?:\/(.+))?$/.exec(
        pathname,
      ) ?? [];
    const repo = this.#repos.get(name);
    const isKnown = repo?.revisions.includes(decodeURIComponent(revision ?? "")) === true;
    const fault = kind === "" ? undefined : this.apiFaults.shift();
    if (fault !== undefined) return fail(response, fault);
    if (!isAllowed) return fail(response, 401);
    if (!isKnown) return fail(response, 404);
    if (what === "revision") return json(response, { _id: "1", id: name, sha: repo.commit });
    if (what === "tree") return this.#list(response, repo, { pathname, searchParams });
    const content = repo.files.get(file ?? "");
    if (content === undefined) return fail(response, 404);
    if (content.length < lfsBytesMin)
      return this.#send(request, response, { file: file!, content });
    response.writeHead(302, { location: `${urlOf(this.#content)}/${name}/${file}` }).end();
  }

  #answerContent(request: IncomingMessage, response: ServerResponse): void {
    const [, org, model, file = ""] = this.#note("content", request).pathname.split("/");
    const content = this.#repos.get(`${org}/${model}`)?.files.get(file);
    if (content === undefined) return fail(response, 404);
    this.#send(request, response, { file, content });
  }

  #note(server: HubRequest["server"], { url = "", headers }: IncomingMessage): URL {
    const { range, authorization } = headers;
    const parsed = new URL(url, "http://hub");
    this.requests.push({ server, path: parsed.pathname, range, authorization });
    return parsed;
  }

  #list(
    response: ServerResponse,
    { files }: Repo,
    { pathname, searchParams }: Pick<URL, "pathname" | "searchParams">,
  ): void {
    const first = Number(searchParams.get("cursor") ?? 0);
    const entries = [...files].map(([path, content]) => this.disguise(entryOf(path, content)));
    const next = first + pageEntries;
    const link = `<${this.endpoint}${pathname}?cursor=${next}>; rel="next"`;
    const headers = next < entries.length ? { link } : {};
    json(response, entries.slice(first, next), headers);
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    { file, content }: { readonly file: string; readonly content: Buffer },
  ): void {
    const fault = this.faults.get(file)?.shift() ?? {};
    if (fault.status !== undefined) return fail(response, fault.status);
    const all = fault.content ?? content;
    const [, asked] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const from = fault.ignoresRange === true ? 0 : Number(asked ?? 0);
    const body = all.subarray(from);
    const headers = { "content-length": body.length };
    const first = fault.otherRange === true ? from + 1 : from;
    const range = `bytes ${first}-${all.length - 1}/${all.length}`;
    if (asked === undefined || fault.ignoresRange === true) response.writeHead(200, headers);
    else response.writeHead(206, { ...headers, "content-range": range });
    if (fault.pieces !== undefined) return sendSlowly(response, body, fault);
    if (fault.afterBytes === undefined) return void response.end(body);
    response.write(body.subarray(0, fault.afterBytes), () => {
      if (fault.ends === "cut") response.destroy();
    });
  }
}

/** The files of a model directory, by name. */
export function readModelFiles(directory: string): Record<string, Buffer> {
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]),
  );
}

function sendSlowly(
  response: ServerResponse,
  body: Buffer,
  { pieces = 1, pauseMs = 0 }: Pick<Fault, "pieces" | "pauseMs">,
): void {
  const pieceBytes = Math.ceil(body.length / pieces);
  response.write(body.subarray(0, pieceBytes));
  const rest = body.subarray(pieceBytes);
  if (rest.length === 0) return void response.end();
  setTimeout(() => sendSlowly(response, rest, { pieces: pieces - 1, pauseMs }), pauseMs);
}

function entryOf(path: string, content: Buffer): Record<string, unknown> {
  const size = content.length;
  const oid = createHash("sha1").update(`blob ${size}\0`).update(content).digest("hex");
  const entry = { type: "file", path, size, oid };
  if (size < lfsBytesMin) return entry;
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { ...entry, lfs: { oid: sha256, size, pointerSize: 134 } };
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(
  response: ServerResponse,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

function fail(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: "refused" }));
}
