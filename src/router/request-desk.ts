import { errorBody } from "../openai-api/mod.ts";
import { metricsContentType, type MetricsSnapshot } from "../telemetry/mod.ts";
import { AdmissionQueue } from "./accept/admission-queue.ts";
import type { Answer } from "./accept/answer.ts";
import type {
  ClientConnection,
  ClientConnectionHost,
  RefusedInput,
  RequestSink,
} from "./accept/client-connection.ts";
import { LateAnswer } from "./accept/late-answer.ts";
import { QueuedRequest } from "./accept/queued-request.ts";
import type { Request, RequestClient } from "./accept/request.ts";
import { isSessionFinish } from "./choose/finished-session.ts";
import type { Deadlines } from "./deadlines.ts";
import { answerToAdminRoute } from "./guard/admin-routes.ts";
import type { Cors } from "./guard/cors.ts";
import { type KeyGuard, unauthorized } from "./guard/key-guard.ts";
import { generationRoute } from "./handoff/generation-route.ts";
import { HandOff } from "./handoff/hand-off.ts";
import type { HandOffContext } from "./handoff/hand-off-context.ts";
import { pathOf } from "./http1/path-of.ts";
import type { RequestHead } from "./http1/request-head.ts";
import type { RouterLimits } from "./limits.ts";
import { reasonOfStatus } from "./observe/outcomes.ts";
import type { RequestTrace, TracedRequest } from "./observe/request-trace.ts";
import { Exchange } from "./relay/exchange.ts";
import { requestIdOf } from "./relay/forwarded-head.ts";
import { idempotencyKeyOf, IdempotentRequests } from "./relay/idempotency.ts";
import { Intake, needsIntake } from "./relay/intake.ts";
import type { RelayContext } from "./relay/relay-context.ts";
import { Upload } from "./relay/upload.ts";

export interface RequestDeskOptions {
  /** With it, prompts are handed over from prefill to decode ranks. */
  readonly handOff?: HandOffContext | undefined;
  /** With it, everything but /health takes a key, which no rank gets to see. */
  readonly guard?: KeyGuard | undefined;
  /** Asks for the metrics of all threads as text. Without it there is one. */
  readonly expose?: ((onText: (text: string) => void) => void) | undefined;
  /** With it, browsers' pages may ask. */
  readonly cors?: Cors | undefined;
}

/** Where each request goes once its head is read: to an endpoint of the router's own, to a rank, or away. */
export class RequestDesk implements ClientConnectionHost {
  readonly limits: RouterLimits;
  readonly deadlines: Deadlines;
  readonly #context: RelayContext;
  readonly #handOff: HandOffContext | undefined;
  readonly #guard: KeyGuard | undefined;
  readonly #cors: Cors | undefined;
  readonly #expose: RequestDeskOptions["expose"];
  readonly #admission: AdmissionQueue;
  readonly #repeatable: IdempotentRequests;
  #isDraining = false;

  constructor(context: RelayContext, options: RequestDeskOptions = {}) {
    this.#context = context;
    this.#handOff = options.handOff;
    this.#guard = options.guard;
    this.#cors = options.cors;
    this.#expose = options.expose;
    this.#admission = new AdmissionQueue(context.clock, context.limits);
    this.#repeatable = new IdempotentRequests(context.clock, context.limits);
    this.limits = context.limits;
    this.deadlines = context.deadlines;
  }

  handle(head: RequestHead, client: ClientConnection): RequestSink | undefined {
    if (this.#cors !== undefined) client.answerFields = this.#cors.fieldsFor(head);
    const own =
      this.#cors?.preflight(head) ??
      this.#answerOfGuard(head, client) ??
      this.#ownAnswer(head, client);
    if (own !== undefined) {
      client.answer(own);
      return undefined;
    }
    if (this.#expose !== undefined && isMetrics(head)) return this.#answerLate(client);
    if (this.#isDraining) {
      this.#context.observer.refuse(503, "draining", traced(head, client));
      client.refuse(503, `Cannot serve the request: ${shuttingDown}`, ["retry-after: 1"]);
      return undefined;
    }
    const request = this.#remember(head, client);
    return request?.start() === true ? request : undefined;
  }

  #answerLate(client: ClientConnection): Request | undefined {
    const request = new LateAnswer(client, (onAnswer) =>
      this.#expose?.((text) => onAnswer(metricsAnswer(text))),
    );
    return request.start() ? request : undefined;
  }

  /** True once the router shuts down: it is no longer ready and takes no new requests. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** No request begins any more, those included that wait for a place. */
  drain(): void {
    this.#isDraining = true;
    this.#admission.close(shuttingDown);
    this.#repeatable.drain();
  }

  /** Requests that are not over yet, whatever they wait for. */
  get activeCount(): number {
    return this.#admission.atWorkCount + this.#admission.waitingCount;
  }

  #remember(head: RequestHead, client: ClientConnection): Request | undefined {
    const key = idempotencyKeyOf(head);
    const forRank = this.#withoutKey(head);
    const seen = traced(head, client);
    if (key === undefined) return this.#admit(forRank, client, seen);
    const { observer } = this.#context;
    return this.#repeatable.open(key, {
      head,
      client,
      open: (tape) => this.#admit(forRank, tape, seen),
      onJoined: () => observer.metrics.idempotentJoins.add(),
      onRefused: (status) => observer.refuse(status, "idempotency_key", seen),
    });
  }

  #admit(head: RequestHead, client: RequestClient, seen: TracedRequest): Request {
    const trace = this.#context.observer.begin(seen);
    if (this.#admission.tryEnter()) return this.#open(head, client, trace);
    trace.queue();
    return new QueuedRequest(this.#admission, {
      client,
      open: () => {
        trace.admit();
        return this.#open(head, client, trace);
      },
      onRefused: (status) => {
        if (status === 429) trace.refuse(status, "queue_full");
        else trace.refuse(status, this.#isDraining ? "draining" : "queue_timeout");
      },
      onLeft: (status) => trace.abort(status),
    });
  }

  #open(head: RequestHead, client: RequestClient, trace: RequestTrace): Request {
    const { requestId } = trace;
    const onOver = () => this.#admission.leave();
    const route = this.#handOff === undefined ? undefined : generationRoute(head);
    if (this.#handOff !== undefined && route !== undefined) {
      return new HandOff(this.#handOff, { client, head, route, requestId, trace, onOver });
    }
    if (needsIntake(head))
      return new Intake(this.#context, { client, head, requestId, trace, onOver });
    const outgoing = {
      head,
      upload: new Upload(this.limits.heldBodyBytesMax, this.#context.heldBudget),
    };
    const sessionKey = this.#context.sessionKeys.ofHeaders(head.headers);
    return new Exchange(this.#context, { client, requestId, outgoing, sessionKey, trace, onOver });
  }

  onRefused(status: number, refused?: RefusedInput): void {
    const seen = refused === undefined ? {} : tracedInput(refused);
    this.#context.observer.refuse(status, reasonOfStatus(status), seen);
  }

  /** The answer to a request without a key. Health checkers have none, and learn nothing else. */
  #answerOfGuard(head: RequestHead, client: ClientConnection): Answer | undefined {
    const isOpen = this.#guard === undefined || isHealthCheck(head);
    if (isOpen || this.#guard.admits(head)) return undefined;
    this.#context.observer.refuse(unauthorized.status, "unauthorized", traced(head, client));
    return unauthorized;
  }

  /** A key of the router's is none of the ranks'; where the router checks none, ranks may check their own. */
  #withoutKey(head: RequestHead): RequestHead {
    if (this.#guard === undefined) return head;
    return { ...head, headers: head.headers.without("authorization") };
  }

  #ownAnswer(head: RequestHead, client: ClientConnection): Answer | undefined {
    if (isHealthCheck(head)) return this.#health();
    if (isSessionFinish(head)) return this.#finishSession(head);
    const refused = answerToAdminRoute(head);
    if (refused !== undefined) {
      this.#context.observer.refuse(refused.status, "admin_route", traced(head, client));
      return refused;
    }
    const isOurs = this.#expose === undefined && isMetrics(head);
    return isOurs ? metricsAnswer(this.expose()) : undefined;
  }

  /** The metrics of this thread and those of others. */
  expose(others: readonly MetricsSnapshot[] = []): string {
    const { metrics } = this.#context;
    this.#refreshGauges();
    return metrics.expose(others);
  }

  /** The metrics of this thread. */
  snapshot(): MetricsSnapshot {
    this.#refreshGauges();
    return this.#context.metrics.snapshot();
  }

  #refreshGauges(): void {
    const { metrics, servers } = this.#context;
    metrics.sessions.set(servers.sessionCount);
  }

  /** Well also where nobody remembers the session, so that clients may say it twice, and under any policy. */
  #finishSession(head: RequestHead): Answer {
    const contentType = "application/json";
    const sessionKey = this.#context.finishedSession(head);
    if (sessionKey === undefined) {
      const message = "Cannot finish the session: expected session_id in the query, found none";
      return { status: 400, contentType, body: JSON.stringify(errorBody(400, message)) };
    }
    const groups = [this.#context.servers, this.#handOff?.prefill];
    const found = groups.map((group) => group?.finishSession(sessionKey) ?? false);
    return { status: 200, contentType, body: JSON.stringify({ released: found.includes(true) }) };
  }

  /** vLLM's /health has an empty body when all is well; here the reason stands in it when it is not. */
  #health(): Answer {
    const reason = this.#whyNotReady();
    if (reason === undefined) return { status: 200, contentType: "text/plain", body: "" };
    const body = JSON.stringify({ status: "unavailable", reason });
    return { status: 503, contentType: "application/json", body, headers: ["retry-after: 1"] };
  }

  /**
   * Ready means that requests are answered. Where prefill is apart, the start also waits for a rank of each role;
   * later the decode ranks do without: they compute prompts themselves.
   */
  #whyNotReady(): string | undefined {
    if (this.#isDraining) return shuttingDown;
    const { servers } = this.#context;
    const prefill = this.#handOff?.prefill;
    if (servers.livingCount === 0) return servers.whyNoneLives();
    if (prefill?.hasBeenUp === false) return prefill.whyNoneLives();
    return undefined;
  }
}

const shuttingDown = "the router is shutting down";

function isMetrics(head: RequestHead): boolean {
  return isRead(head) && pathOf(head.target) === "/metrics";
}

function metricsAnswer(body: string): Answer {
  return { status: 200, contentType: metricsContentType, body };
}

/** What is told of a request that comes to an end here or at a rank, the client included. */
function traced(head: RequestHead, client: ClientConnection): TracedRequest {
  const { method, target } = head;
  const clientAddress = client.peerAddress;
  const requestId = requestIdOf(head);
  client.requestId = requestId;
  return { requestId, clientAddress, method, path: pathOf(target) };
}

/** Undefined where the request has a trace, which tells it. */
function tracedInput({ client, head, hasSink }: RefusedInput): Partial<TracedRequest> | undefined {
  if (hasSink) return undefined;
  return head === undefined ? { clientAddress: client.peerAddress } : traced(head, client);
}

function isHealthCheck(head: RequestHead): boolean {
  return isRead(head) && pathOf(head.target) === "/health";
}

function isRead({ method }: RequestHead): boolean {
  return method === "GET" || method === "HEAD";
}
