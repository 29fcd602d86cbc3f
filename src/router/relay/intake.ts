import type { Request, RequestClient } from "../accept/request.ts";
import { GatheredBytes } from "../../base/mod.ts";
import type { BodySessionKey } from "../choose/body-session-key.ts";
import { FieldGuard } from "../guard/field-guard.ts";
import { withoutInternalFields } from "../handoff/internal-fields.ts";
import { JsonFault } from "../handoff/scan-json.ts";
import type { BodyCursor } from "../http1/body-cursor.ts";
import { openBody } from "../http1/open-body.ts";
import type { RequestHead } from "../http1/request-head.ts";
import type { RefusalReason } from "../observe/outcomes.ts";
import type { RequestTrace } from "../observe/request-trace.ts";
import { Exchange, type Outgoing } from "./exchange.ts";
import type { RelayContext } from "./relay-context.ts";
import { Upload } from "./upload.ts";

export interface IntakeOptions {
  readonly client: RequestClient;
  readonly head: RequestHead;
  readonly requestId: string;
  readonly trace: RequestTrace;
  /** The request is over and everything given back. Called exactly once. */
  readonly onOver: () => void;
}

/**
 * Whether a request has a body in which an engine may look for internal fields: one of JSON, or of no type, which some
 * servers take for JSON. One header of several may be the one that counts.
 */
export function needsIntake(head: RequestHead): boolean {
  if (head.bodyLength === 0) return false;
  return head.headers.get("content-type") === undefined || hasJsonType(head);
}

function hasJsonType({ headers }: RequestHead): boolean {
  return headers.names.some(
    (name, index) =>
      name === "content-type" && headers.values[index]!.toLowerCase().includes("json"),
  );
}

/**
 * The body of a request on its way to an exchange, without internal fields. One of JSON is kept until it is whole or too
 * long to be kept, so that a client that sends slowly takes no rank's time; then it goes as it came, as nearly all do, or
 * with the fields taken out; meanwhile the session is read from it where no header names one. In all others, whose beginning may be at a rank by then, they end the request.
 */
export class Intake implements Request {
  readonly #context: RelayContext;
  readonly #options: IntakeOptions;
  /** For all of the body, or for as much of it as can be kept. */
  readonly #waits: boolean;
  readonly #upload: Upload;
  readonly #guard: FieldGuard;
  readonly #headerKey: string | undefined;
  readonly #keyReader: BodySessionKey | undefined;
  /** Finds the content of a body in chunks. */
  readonly #cursor: BodyCursor | undefined;
  #isSuspect = false;
  #exchange: Exchange | undefined;
  #isOver = false;

  constructor(context: RelayContext, options: IntakeOptions) {
    this.#context = context;
    this.#options = options;
    const { head } = options;
    const { bodyLength } = head;
    const isJson = hasJsonType(head);
    this.#headerKey = context.sessionKeys.ofHeaders(head.headers);
    if (this.#headerKey === undefined) this.#keyReader = context.sessionKeys.readerOfBody(head);
    const { heldBodyBytesMax } = context.limits;
    const isTooLong = typeof bodyLength === "number" && bodyLength > heldBodyBytesMax;
    this.#waits = isJson && (!isTooLong || this.#keyReader !== undefined);
    this.#guard = new FieldGuard({ isJson });
    this.#upload = new Upload(isTooLong && !this.#waits ? 0 : heldBodyBytesMax, context.heldBudget);
    if (bodyLength === "chunked") this.#cursor = openBody(bodyLength, checkedBody);
  }

  /** Always true: nothing is decided before the body comes. */
  start(): boolean {
    this.#options.trace.gather();
    return true;
  }

  onBody(bytes: Buffer): boolean {
    if (this.#isOver) return true;
    this.#look(bytes);
    if (this.#exchange !== undefined) {
      if (!this.#isSuspect) return this.#exchange.onBody(bytes);
      this.#endLate(this.#exchange);
      return true;
    }
    if (this.#waits && this.#upload.hasRoomFor(bytes.length)) this.#hold(bytes);
    else if (!this.#isSuspect) return this.#passOn(bytes);
    else this.#refuse(400, "internal_fields", refusal);
    return true;
  }

  onBodyEnd(): void {
    if (this.#isOver) return;
    if (this.#exchange !== undefined) return this.#exchange.onBodyEnd();
    const { head } = this.#options;
    const outgoing = this.#isSuspect ? this.#cleaned() : { head, upload: this.#upload };
    if (outgoing === undefined) return;
    outgoing.upload.isComplete = true;
    this.#begin(outgoing);
  }

  onClientDrain(): void {
    this.#exchange?.onClientDrain();
  }

  onClientGone(status?: number): void {
    if (this.#exchange !== undefined) return this.#exchange.onClientGone(status);
    if (this.#isOver) return;
    this.#options.trace.abort(status);
    this.#end();
  }

  #look(bytes: Buffer): void {
    if (this.#cursor === undefined) return this.#lookInto(bytes);
    this.#cursor.advance(bytes, 0, (from, to) => this.#lookInto(bytes.subarray(from, to)));
  }

  #lookInto(content: Buffer): void {
    this.#isSuspect ||= this.#guard.push(content) === "suspicious";
    if (this.#keyReader?.isDecided === false) this.#keyReader.push(content);
  }

  #hold(bytes: Buffer): void {
    this.#options.trace.receive(bytes.length);
    this.#upload.push(bytes);
  }

  /** Sends what is held and these bytes behind it. False where those after them must wait. */
  #passOn(bytes: Buffer): boolean {
    const exchange = this.#begin({ head: this.#options.head, upload: this.#upload });
    return this.#isOver || exchange.onBody(bytes);
  }

  /** The request without internal fields; undefined where it is refused. */
  #cleaned(): Outgoing | undefined {
    const { head } = this.#options;
    const body = contentOf(this.#upload.held, head);
    try {
      const parts = withoutInternalFields(body) ?? [body];
      const bodyLength = parts.reduce((count, { length }) => count + length, 0);
      return { head: { ...head, bodyLength }, upload: Upload.of(parts) };
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      const message = `Cannot read the request: its body is no JSON object: ${error.message}`;
      this.#refuse(400, "bad_request", message);
      return undefined;
    }
  }

  #begin(outgoing: Outgoing): Exchange {
    const { client, requestId, trace, onOver } = this.#options;
    this.#keyReader?.end();
    const exchange = new Exchange(this.#context, {
      client,
      requestId,
      outgoing,
      sessionKey: this.#headerKey ?? this.#keyReader?.key,
      trace,
      onSettled: () => this.#upload.letGo(),
      onOver,
    });
    this.#exchange = exchange;
    this.#isOver = !exchange.start();
    return exchange;
  }

  /** The rank has seen the beginning and must not see the rest: its connection ends. */
  #endLate(exchange: Exchange): void {
    this.#isOver = true;
    exchange.onClientGone(400);
    this.#context.observer.refuse(400, "internal_fields");
    this.#options.client.refuse(400, refusal);
  }

  #refuse(status: number, reason: RefusalReason, message: string): void {
    this.#options.trace.refuse(status, reason);
    this.#end();
    this.#options.client.refuse(status, message);
  }

  /** Over before there was an exchange, which ends the request otherwise. */
  #end(): void {
    this.#isOver = true;
    this.#upload.letGo();
    this.#options.onOver();
  }
}

/** Of a body that is too long to be rewritten. */
const refusal =
  'Cannot send the request on: its fields "kv_transfer_params" and "ec_transfer_params" are internal to the deployment, leave them out';

/** The client's connection has checked the framing and the length by then. */
const checkedBody = { payloadBytesMax: Infinity, allowsTrailers: true };

/** A held body without its framing. */
function contentOf(held: readonly Buffer[], { bodyLength }: RequestHead): Buffer {
  const framed = Buffer.concat(held);
  if (bodyLength !== "chunked") return framed;
  const content = new GatheredBytes();
  const cursor = openBody(bodyLength, checkedBody);
  cursor.advance(framed, 0, (from, to) => content.push(framed.subarray(from, to)));
  return content.take();
}
