import { drawFault, type JobFault } from "./job-fault.ts";
import { answerParts, rankErrorBody, requestBody, type RequestPlan } from "./request-plan.ts";
import type { ReceivedRequest, ServedConnection } from "./served-connection.ts";
import type { Execution, RequestRecord } from "./world.ts";

/** A rank's work on one request. */
export class Job {
  readonly #connection: ServedConnection;
  readonly #received: ReceivedRequest;
  #record: RequestRecord | undefined;
  #execution: Execution | undefined;
  #fault: JobFault | undefined;
  /** What is still to be written, and how long each piece takes to be made. */
  #pieces: readonly string[] = [];
  #nextPiece = 0;
  #hasPlace = false;
  #isOver = false;
  #isWaiting = false;
  #closes = false;
  /** It will say nothing more. */
  #isSilent = false;

  constructor(connection: ServedConnection, received: ReceivedRequest) {
    this.#connection = connection;
    this.#received = received;
  }

  start(): void {
    const { world, index, options } = this.#rank;
    const { head, body } = this.#received;
    const id = head.fields.get("x-sim-id");
    const record = world.record(id);
    if (record === undefined) {
      world.violate("ranks get whole requests", `rank ${index} gets one of nobody's: ${head.line}`);
      return this.#connection.reset();
    }
    this.#record = record;
    this.#execution = {
      rank: index,
      beganAtMs: world.queue.nowMs,
      leg: this.#leg,
      state: "running",
      endedAtMs: Infinity,
      handOver: -1,
    };
    record.executions.push(this.#execution);
    world.note(`rank ${index} begins ${id}`);
    const whyWrong = whyWrongRequest(record.plan, this.#received);
    if (whyWrong !== undefined) world.violate("ranks get whole requests", whyWrong, id);
    if (body !== "" && this.#leg === "decode") this.#noteHandOver(body);
    if (options.random.chance(options.faultChance))
      this.#fault = drawFault(options.random, options.failsEarly);
    this.#rank.enter(() => {
      if (this.#isOver) return this.#rank.leave();
      this.#hasPlace = true;
      this.#rank.after(record.plan.prefillMs * options.slowness, () => this.#answer());
    });
  }

  /** The router takes more. */
  writeOn(): void {
    if (!this.#isOver && !this.#isWaiting && !this.#isSilent) this.#write();
  }

  /** Its client has left. */
  cancel(): void {
    if (this.#isOver) return;
    this.#rank.world.note(`rank ${this.#rank.index} hears that ${this.#record?.plan.id} left`);
    this.#end("cancelled");
  }

  fail(what: string): void {
    if (this.#isOver) return;
    this.#record?.faults.push(what);
    this.#end("failed");
  }

  get #rank() {
    return this.#connection.rank;
  }

  get #leg(): Execution["leg"] {
    const { role } = this.#rank.options;
    return role === "both" ? "whole" : role;
  }

  #answer(): void {
    if (this.#isOver) return;
    const { plan } = this.#record!;
    const fault = this.#fault;
    if (fault?.kind === "error") {
      this.#noteFault(`error ${fault.status}`);
      const body = rankErrorBody(plan, fault.status);
      this.#pieces = [
        `HTTP/1.1 ${fault.status} Rank's Own\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nx-sim-rank: ${this.#rank.index}\r\n\r\n${body}`,
      ];
    } else if (fault?.kind === "nonsense") {
      this.#noteFault("nonsense");
      this.#pieces = ["HTTP/1.1 OK 200\r\n\r\n"];
    } else {
      this.#closes = this.#leg !== "prefill" && plan.answer.endsWith("close");
      this.#pieces =
        this.#leg === "prefill"
          ? prefillAnswer(plan, this.#record!.executions.indexOf(this.#execution!))
          : framedAnswer(plan, this.#rank.index);
    }
    this.#write();
  }

  #write(): void {
    this.#isWaiting = false;
    if (this.#isOver) return;
    const piece = this.#pieces[this.#nextPiece];
    if (piece === undefined) return this.#finish();
    if (this.#breaks(piece)) return;
    this.#nextPiece++;
    const takesMore = this.#connection.write(piece);
    if (this.#nextPiece === this.#pieces.length) return this.#finish();
    if (takesMore) this.#writeLater();
  }

  #writeLater(): void {
    const { options } = this.#rank;
    this.#isWaiting = true;
    this.#rank.after(this.#record!.plan.tokenMs * options.slowness, () => this.#write());
  }

  /** Where the fault strikes in this piece: what is before it goes out still. */
  #breaks(piece: string): boolean {
    const fault = this.#fault;
    if (fault?.kind !== "break") return false;
    const at = Math.floor(fault.place * this.#pieces.length);
    if (this.#nextPiece < at) return false;
    const kept = piece.slice(0, Math.floor(fault.placeInPiece * piece.length));
    const isFirst = this.#nextPiece === 0 && kept === "";
    this.#noteFault(`${fault.how} at ${isFirst ? "the beginning" : `piece ${at}`}`);
    if (kept !== "") this.#connection.write(kept);
    if (fault.how === "silence") {
      this.#isSilent = true;
      this.#leave(); // Others are not held up by it.
      return true;
    }
    this.#end("failed");
    // An orderly end is how these answers end: it would be no fault, but another answer.
    if (fault.how === "end" && !this.#closes) this.#connection.close();
    else this.#connection.reset();
    return true;
  }

  #noteFault(what: string): void {
    const { world, index } = this.#rank;
    this.#record!.faults.push(what);
    world.note(`FAULT rank ${index}: ${what} for ${this.#record!.plan.id}`);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#end("done");
    this.#connection.finish(this.#closes);
  }

  #end(state: Execution["state"]): void {
    this.#isOver = true;
    if (this.#execution !== undefined) {
      this.#execution.state = state;
      this.#execution.endedAtMs = this.#rank.world.queue.nowMs;
    }
    this.#leave();
  }

  #leave(): void {
    if (this.#hasPlace) this.#rank.leave();
    this.#hasPlace = false;
  }

  /** A decode rank may pull what a prefill rank keeps for it once, and for this request only. */
  #noteHandOver(body: string): void {
    const { kv_transfer_params: params } = JSON.parse(body) as {
      kv_transfer_params?: { sim_id: string; sim_number: number };
    };
    if (params === undefined) return;
    const { world } = this.#rank;
    const { plan, executions } = this.#record!;
    if (params.sim_id !== plan.id) {
      world.violate("hand-overs reach their request", `it got that of ${params.sim_id}`, plan.id);
    }
    const isUsed = executions.some(({ handOver }) => handOver === params.sim_number);
    this.#execution!.handOver = params.sim_number;
    if (isUsed) {
      world.violate("hand-overs are used once", "another decode rank had it", plan.id);
    }
  }
}

/** Why these are not the bytes that the client sent, if so. */
function whyWrongRequest(plan: RequestPlan, { head, body }: ReceivedRequest): string | undefined {
  if (head.line !== `${plan.method} ${plan.path} HTTP/1.1`) return `its line is ${head.line}`;
  const sent = requestBody(plan);
  if (body === sent || body === "") return body === sent ? undefined : "it has no body";
  const { kv_transfer_params: _params, ...rest } = JSON.parse(body) as Record<string, unknown>;
  const wanted = JSON.parse(sent) as Record<string, unknown>;
  const differs = ["id", "model", "prompt"].some((key) => rest[key] !== wanted[key]);
  return differs ? `its body is ${body.slice(0, 200)}` : undefined;
}

function prefillAnswer(plan: RequestPlan, number: number): readonly string[] {
  const body = JSON.stringify({
    id: plan.id,
    choices: [],
    kv_transfer_params: { sim_id: plan.id, sim_number: number },
  });
  return [
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
    body,
  ];
}

function framedAnswer(plan: RequestPlan, rank: number): readonly string[] {
  const parts = answerParts(plan);
  const isStream = plan.answer.startsWith("events");
  const type = isStream ? "text/event-stream; charset=utf-8" : "text/plain";
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\nx-sim-rank: ${rank}\r\n`;
  if (plan.answer.endsWith("close")) return [`${head}connection: close\r\n\r\n`, ...parts];
  if (plan.answer === "plain") {
    const length = parts.reduce((count, part) => count + part.length, 0);
    return [`${head}content-length: ${length}\r\n\r\n`, ...parts];
  }
  const chunks = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
  return [`${head}transfer-encoding: chunked\r\n\r\n`, ...chunks, "0\r\n\r\n"];
}
