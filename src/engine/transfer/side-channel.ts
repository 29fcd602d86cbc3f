import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { PenstockError } from "../../errors/mod.ts";
import type { KvMemory } from "../kv-memory.ts";
import { encodeBlocks } from "./block-copy.ts";
import { encodeFrame, type Frame, frameTypes, ProtocolError } from "./frame.ts";
import { decodeGreeting, encodeGreeting, mismatchOf } from "./greeting.ts";
import type { Leases } from "./leases.ts";
import { connectionIdleMsMax, connectionsMax, greetingBytesMax } from "./limits.ts";
import { decodePull, decodeRelease, encodeReason, pullBytesMax } from "./payloads.ts";
import { Peer } from "./peer.ts";

export interface SideChannelOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly memory: KvMemory;
  readonly leases: Leases;
  /** Called before a lease is looked up: one that was granted a moment ago may still be on its way. */
  readonly hearGrants: () => void;
  /** Default: 30,000. */
  readonly idleMsMax?: number;
}

/** Gives other engines the blocks that are leased to them, straight from the memory in which they were computed. */
export class SideChannel {
  readonly #options: SideChannelOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #sentBytesTotal = 0;

  private constructor(options: SideChannelOptions) {
    this.#options = options;
    this.#server = createServer((socket) => void this.#serve(socket));
    this.#server.maxConnections = connectionsMax;
  }

  /** @throws PenstockError PORT_IN_USE, SERVER_CANNOT_LISTEN */
  static async listen(options: SideChannelOptions): Promise<SideChannel> {
    const { host, port } = options;
    const channel = new SideChannel(options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    channel.#server.once("error", reject);
    channel.#server.listen({ host, port }, resolve);
    try {
      await promise;
    } catch (cause) {
      throw listenError({ host, port, cause: cause as NodeJS.ErrnoException });
    }
    channel.#port = (channel.#server.address() as AddressInfo).port;
    channel.#server.on("error", () => {}); // Of a connection that could not be taken: its peer tries again or gives up.
    return channel;
  }

  /** The port that was bound. */
  get port(): number {
    return this.#port;
  }

  /** Keys and values, without frames. */
  get sentBytesTotal(): number {
    return this.#sentBytesTotal;
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets) socket.destroy();
    await promise;
  }

  async #serve(socket: Socket): Promise<void> {
    const { memory, idleMsMax = connectionIdleMsMax } = this.#options;
    const payloadBytesMax = Math.max(greetingBytesMax, pullBytesMax(memory.blockCount));
    const peer = new Peer(socket, { payloadBytesMax, idleMsMax });
    this.#sockets.add(socket);
    try {
      await this.#converse(peer);
      peer.end();
    } catch {
      // Whatever the peer sent, or that it left: it learns of it by the end of the connection, the leases by their time.
      peer.destroy();
    } finally {
      this.#sockets.delete(socket);
    }
  }

  async #converse(peer: Peer): Promise<void> {
    const { memory, leases, hearGrants } = this.#options;
    let mismatch: string | null = null;
    let isGreeted = false;
    for await (const { type, payload } of peer.frames()) {
      if (isGreeted === (type === frameTypes.greeting))
        throw new ProtocolError("one greeting comes first");
      if (type === frameTypes.greeting) {
        mismatch = mismatchOf(memory.facts, decodeGreeting(payload));
        isGreeted = true;
        await peer.send(encodeFrame(frameTypes.greeting, encodeGreeting(memory.facts)));
      } else if (type === frameTypes.pull) {
        await this.#answerPull(peer, payload, mismatch);
      } else if (type === frameTypes.release) {
        hearGrants();
        leases.release(decodeRelease(payload));
        await peer.send(encodeFrame(frameTypes.released));
      } else {
        throw new ProtocolError("a consumer does not say this");
      }
    }
  }

  async #answerPull(peer: Peer, payload: Frame["payload"], mismatch: string | null): Promise<void> {
    const { requestId, tokensDigest, blockIds } = decodePull(payload);
    this.#options.hearGrants();
    const lease = this.#options.leases.pin(requestId);
    if (lease === undefined) return refuse(peer, "the lease of its blocks has ended");
    try {
      const held = new Set(lease.blockIds);
      if (mismatch !== null) await refuse(peer, mismatch);
      else if (lease.tokensDigest !== tokensDigest) await refuse(peer, "its tokens are others");
      else if (blockIds.length > held.size || !blockIds.every((block) => held.has(block)))
        await refuse(peer, "it wants blocks that are not leased to it");
      else await this.#send(peer, blockIds);
    } finally {
      this.#options.leases.unpin(requestId);
    }
  }

  /** One frame is copied while the one before it leaves. */
  async #send(peer: Peer, blockIds: Int32Array): Promise<void> {
    const { memory } = this.#options;
    let sending = Promise.resolve();
    for (const frame of encodeBlocks(memory, blockIds)) {
      await sending;
      sending = peer.send(frame);
    }
    await sending;
    this.#sentBytesTotal += blockIds.length * memory.planes.length * memory.blockBytes;
  }
}

async function refuse(peer: Peer, reason: string): Promise<void> {
  await peer.send(encodeFrame(frameTypes.refusal, encodeReason(reason)));
}

function listenError(facts: {
  readonly host: string;
  readonly port: number;
  readonly cause: NodeJS.ErrnoException;
}): PenstockError {
  const { host, port, cause } = facts;
  if (cause.code === "EADDRINUSE") {
    const inUse = {
      port,
      purpose: "the side channel of KV transfer",
      holder: "another process",
      flag: "--kv-side-channel-port",
    };
    return new PenstockError("PORT_IN_USE", inUse, { cause });
  }
  return new PenstockError(
    "SERVER_CANNOT_LISTEN",
    { host, port, reason: cause.message },
    { cause },
  );
}
