import { rmSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { PenstockError } from "../../errors/mod.ts";
import {
  closeMsMax,
  coalesceMs,
  connectionsMax,
  heartbeatMs,
  requestTimeoutMs,
  watchersMax,
} from "./limits.ts";
import { PhaseClock } from "./phase-clock.ts";
import { readRequest } from "./read-request.ts";
import type { Control, Controlled } from "./types.ts";
import { Watcher } from "./watcher.ts";
import { type ControlAnswer, type ControlRequest, parseRequest, toWire } from "./wire.ts";

/** Answers commands at a socket that listens already. Nothing of it keeps the process alive. */
export class ControlServer implements Control {
  readonly socketPath: string;
  readonly #controlled: Controlled;
  readonly #server: Server;
  readonly #clock = new PhaseClock();
  readonly #connections = new Set<Socket>();
  readonly #watchers = new Map<Socket, Watcher>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #removeFile = (): void => rmSync(this.socketPath, { force: true });
  #change: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(controlled: Controlled, server: Server, socketPath: string) {
    this.socketPath = socketPath;
    this.#controlled = controlled;
    this.#server = server.unref();
    this.#heartbeat = setInterval(() => this.#tell(), heartbeatMs).unref();
    server.on("connection", (socket) => this.#accept(socket));
    process.on("exit", this.#removeFile);
    this.#clock.stamp(controlled.status());
  }

  notify(): void {
    if (this.#isClosed) return;
    this.#change ??= setTimeout(() => this.#tell(), coalesceMs).unref();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#change);
    process.off("exit", this.#removeFile);
    const closed = new Promise((resolve) => void this.#server.close(resolve));
    this.#removeFile();
    this.#hangUp();
    const limit = new AbortController();
    await Promise.race([closed, sleep(closeMsMax, undefined, { signal: limit.signal })]);
    limit.abort();
    for (const socket of this.#connections) socket.destroy();
  }

  /** Watchers hear how it ended; whoever has an answer under way still gets it. */
  #hangUp(): void {
    const line = this.#statusLine();
    for (const socket of this.#connections) {
      const watcher = this.#watchers.get(socket);
      if (watcher === undefined) socket.destroySoon();
      else watcher.end(line);
    }
  }

  #tell(): void {
    clearTimeout(this.#change);
    this.#change = undefined;
    const line = this.#statusLine();
    for (const watcher of this.#watchers.values()) watcher.send(line);
  }

  #accept(socket: Socket): void {
    socket.unref();
    socket.setTimeout(requestTimeoutMs, () => socket.destroy());
    socket.on("error", () => {
      // The client has gone, which ends the connection and nothing else; "close" follows.
    });
    socket.on("close", () => {
      this.#connections.delete(socket);
      this.#watchers.delete(socket);
    });
    this.#connections.add(socket);
    void this.#serve(socket);
  }

  async #serve(socket: Socket): Promise<void> {
    try {
      if (this.#connections.size > connectionsMax) throw busy();
      const request = parseRequest(await readRequest(socket));
      if (request.command === "watch") this.#watch(socket);
      else socket.end(toLine(this.#answer(request)));
    } catch (error) {
      socket.end(toLine({ error: toWire(error) }));
    }
  }

  #answer(request: Exclude<ControlRequest, { command: "watch" }>): ControlAnswer {
    if (request.command === "status") return { status: this.#status() };
    if (request.command === "restart") this.#controlled.restart(request.process);
    else if (request.now) this.#controlled.stopNow();
    else this.#controlled.stop();
    return { done: true };
  }

  #watch(socket: Socket): void {
    if (this.#watchers.size >= watchersMax) throw busy();
    socket.setTimeout(0);
    const watcher = new Watcher(socket);
    this.#watchers.set(socket, watcher);
    watcher.send(this.#statusLine());
  }

  #status() {
    return this.#clock.stamp(this.#controlled.status());
  }

  #statusLine(): string {
    return toLine({ status: this.#status() });
  }
}

function busy(): PenstockError {
  return new PenstockError("CONTROL_BUSY", { connectionsMax });
}

function toLine(answer: ControlAnswer): string {
  return `${JSON.stringify(answer)}\n`;
}
