import type { RequestClient } from "../accept/request.ts";

export interface TapeOwner {
  /** Room for so many more bytes; false where there is none. */
  takeRoom(byteCount: number): boolean;
  giveRoomBack(byteCount: number): void;
  /** The answer is there to its end. */
  onWhole(): void;
  /** There will be no whole answer. */
  onFailed(): void;
  /** Nobody listens, and what was recorded is not enough for anybody to come. Called within a write. */
  onUnwanted(): void;
}

/**
 * Stands between a request and its client: the answer goes to whoever is attached and is written down, as long as there is room,
 * so that another client can have it from its beginning. Speaks HTTP/1.1 and leaves it to each client's
 * connection whether that is kept.
 */
export class AnswerTape implements RequestClient {
  readonly keepsAlive = true;
  /** 0 before there was a head. */
  status = 0;
  readonly #owner: TapeOwner;
  readonly #bytesMax: number;
  #client: RequestClient | undefined;
  #head: string | undefined;
  #endsWithConnection = false;
  /** Undefined once there was more than there was room for. */
  #pieces: Buffer[] | undefined = [];
  #byteCount = 0;
  #isWhole = false;

  constructor(client: RequestClient, owner: TapeOwner, bytesMax: number) {
    this.#client = client;
    this.#owner = owner;
    this.#bytesMax = bytesMax;
  }

  /** Whether all of the answer so far can be played. */
  get isPlayable(): boolean {
    return this.#pieces !== undefined;
  }

  get hasClient(): boolean {
    return this.#client !== undefined;
  }

  get isCongested(): boolean {
    return this.#client?.isCongested ?? false;
  }

  /** Gives the client all that there is, and what comes. Whoever was attached before is told that it is not any more. */
  attach(client: RequestClient): void {
    const former = this.#client;
    this.#client = this.#isWhole ? undefined : client;
    if (this.#head !== undefined) this.#writeHeadTo(client, "idempotency-replayed: true\r\n");
    for (const piece of this.#pieces ?? []) client.write(piece);
    if (this.#isWhole) client.finish();
    former?.refuse(409, "Cannot finish the answer: the same request came again and gets it");
  }

  /** Nobody listens from here on. */
  detach(): void {
    this.#client = undefined;
  }

  /** Gives its room back: nothing of it is played any more. */
  erase(): void {
    this.#pieces = undefined;
    this.#owner.giveRoomBack(this.#byteCount);
    this.#byteCount = 0;
  }

  closeAfterAnswer(): void {
    this.#endsWithConnection = true;
  }

  writeHead(text: string): void {
    this.#head = text;
    this.status = Number(text.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length));
    if (this.#client !== undefined) this.#writeHeadTo(this.#client, "");
  }

  write(bytes: Buffer | string): void {
    this.#record(bytes);
    if (this.#client !== undefined) this.#client.write(bytes);
    else if (!this.isPlayable) this.#owner.onUnwanted();
  }

  resumeBody(): void {
    this.#client?.resumeBody();
  }

  finish(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#isWhole = true;
    this.#owner.onWhole();
    client?.finish();
  }

  finishBroken(): void {
    this.#fail((client) => client.finishBroken());
  }

  refuse(status: number, message: string, headers?: readonly string[]): void {
    this.#fail((client) => client.refuse(status, message, headers));
  }

  cut(): void {
    this.#fail((client) => client.cut());
  }

  #fail(tell: (client: RequestClient) => void): void {
    const client = this.#client;
    this.#client = undefined;
    this.#owner.onFailed();
    if (client !== undefined) tell(client);
  }

  #writeHeadTo(client: RequestClient, fields: string): void {
    if (this.#endsWithConnection) client.closeAfterAnswer();
    const closing = client.keepsAlive ? "" : "connection: close\r\n";
    client.writeHead(`${this.#head!.slice(0, -2)}${fields}${closing}\r\n`);
  }

  #record(bytes: Buffer | string): void {
    if (this.#pieces === undefined) return;
    const piece = Buffer.from(bytes as Buffer);
    const hasRoom =
      this.#byteCount + piece.length <= this.#bytesMax && this.#owner.takeRoom(piece.length);
    if (!hasRoom) return this.erase();
    this.#byteCount += piece.length;
    this.#pieces.push(piece);
  }
}
