import { type PolicyName, policyNames } from "../../src/router/choose/policy.ts";
import type { RouterLimits } from "../../src/router/limits.ts";
import type { HealthOptions } from "../../src/router/ranks/health-checks.ts";
import type { RankRole } from "../../src/router/ranks/rank-table.ts";
import type { Random } from "./random.ts";
import { type RequestPlan, unsafePath } from "./request-plan.ts";
import type { ClientManner } from "./virtual-client.ts";

/** What befalls a rank's machine or process. */
export type RankFaultKind = "crash" | "stall" | "cut" | "health";

export interface RankFault {
  readonly kind: RankFaultKind;
  readonly rank: number;
  readonly atMs: number;
  readonly durationMs: number;
}

/** What an operator does: "add" means a rank of the same role as this one. */
export interface RankChange {
  readonly kind: "add" | "drain" | "remove" | "remove at once";
  readonly rank: number;
  readonly atMs: number;
}

export interface RankScenario {
  readonly role: RankRole;
  readonly slotCount: number;
  readonly slowness: number;
  readonly keepAliveMs: number;
  readonly latencyMsMax: number;
}

export interface ClientScenario {
  readonly manner: ClientManner;
  readonly plans: readonly RequestPlan[];
}

/** All that a seed decides before the run. */
export interface Scenario {
  readonly policy: PolicyName;
  readonly ranks: readonly RankScenario[];
  readonly clients: readonly ClientScenario[];
  readonly faults: readonly RankFault[];
  readonly changes: readonly RankChange[];
  /** Of requests that a rank fails. */
  readonly jobFaultChance: number;
  readonly isStorm: boolean;
  readonly drainAtMs: number;
  readonly isTight: boolean;
  readonly limits: Partial<RouterLimits>;
  readonly health: Partial<HealthOptions>;
}

/** All ranks have answered their first probe by then. */
const quietMs = 1_000;

export function drawScenario(random: Random): Scenario {
  const rankCount = random.between(1, 5);
  const isApart = rankCount >= 2 && random.chance(0.25);
  // Calm runs must see no failure at all; the others mix what may go wrong.
  const isCalm = random.chance(0.25);
  const hasJobFaults = !isCalm && random.chance(0.6);
  const hasRankFaults = !isCalm && random.chance(0.6);
  const isTight = random.chance(0.15);
  // Nearly everything fails at once: what retries need their budget for.
  const isStorm = random.chance(0.03);
  return {
    policy: random.pick(policyNames),
    ranks: drawRanks(random, rankCount, isApart),
    clients: drawClients(random, isStorm),
    faults: hasRankFaults ? drawRankFaults(random, rankCount) : [],
    changes: random.chance(0.3) ? drawChanges(random, rankCount) : [],
    jobFaultChance: isStorm ? 0.95 : hasJobFaults ? random.pick([0.05, 0.2, 0.5, 0.9]) : 0,
    drainAtMs: random.chance(0.15) ? random.between(quietMs, 8_000) : Infinity,
    isTight,
    isStorm,
    limits: drawLimits(random, isTight),
    health: {
      upIntervalMs: 1_000,
      downIntervalMs: 300,
      timeoutMs: 700,
      failuresMax: 3,
      unreachedMsMax: 5_000,
      muteMsMax: 12_000,
      quarantineMsMin: 300,
      quarantineMsMax: 3_000,
      calmMs: 10_000,
    },
  };
}

function drawRanks(random: Random, count: number, isApart: boolean): readonly RankScenario[] {
  const prefillCount = isApart ? random.between(1, count - 1) : 0;
  return Array.from({ length: count }, (_, index) => {
    const role = isApart ? (index < prefillCount ? "prefill" : "decode") : "both";
    return {
      role,
      slotCount: random.between(2, 12),
      slowness: random.pick([0.5, 1, 1, 2]),
      keepAliveMs: random.magnitude(300, 6_000),
      latencyMsMax: random.magnitude(1, 40),
    };
  });
}

function drawClients(random: Random, isStorm: boolean): readonly ClientScenario[] {
  const sessionCount = random.between(1, 8);
  let requestCount = 0;
  return Array.from({ length: isStorm ? 16 : random.between(2, 9) }, () => {
    const manner: ClientManner = {
      beginsAtMs: quietMs + random.below(3_000),
      thinkMsMax: isStorm ? 1 : random.magnitude(1, 3_000),
      pipelineDepth: random.chance(0.2) ? random.between(2, 5) : 1,
      isSlowSender: random.chance(0.15),
      isSlowReader: random.chance(0.2),
      leavesChance: random.chance(0.2) ? 0.3 : 0,
      dawdlesChance: random.chance(0.06) ? 0.3 : 0,
    };
    const session = random.chance(0.7) ? `s${random.below(sessionCount)}` : undefined;
    const plans = Array.from({ length: isStorm ? 6 : random.between(1, 9) }, () =>
      drawPlan(random, {
        id: `r${requestCount++}`,
        sessionKey: session,
        stays: manner.pipelineDepth > 1,
      }),
    );
    return { manner, plans };
  });
}

interface Wanted {
  readonly id: string;
  readonly sessionKey: string | undefined;
  /** Other requests follow on the same connection before the answer has come. */
  readonly stays: boolean;
}

function drawPlan(random: Random, { id, sessionKey, stays }: Wanted): RequestPlan {
  const path = drawPath(random);
  const isLong = random.chance(0.1);
  return {
    id,
    method: path === "/v1/models" ? "GET" : "POST",
    path,
    sessionKey,
    idempotencyKey:
      path !== "/v1/models" && !stays && random.chance(0.15) ? `key-${id}` : undefined,
    promptBytes: isLong ? random.between(2_000, 20_000) : random.magnitude(10, 2_000),
    isChunked: random.chance(0.3),
    expectsContinue: random.chance(0.05),
    closes: random.chance(0.05),
    answer: random.pick(stays ? answersThatStay : allAnswers),
    tokenCount: random.magnitude(1, 24),
    tokenBytes: random.chance(0.1) ? random.between(500, 3_000) : random.between(1, 60),
    prefillMs: random.magnitude(1, 200),
    tokenMs: random.magnitude(1, 60),
  };
}

const answersThatStay = ["events", "events", "plain", "plain chunked"] as const;
const allAnswers = [
  ...answersThatStay,
  ...answersThatStay,
  "until close",
  "events until close",
] as const;

function drawPath(random: Random): string {
  if (random.chance(0.06)) return "/v1/models";
  if (random.chance(0.06)) return unsafePath;
  return random.pick(["/v1/completions", "/v1/chat/completions", "/tokenize"]);
}

function drawRankFaults(random: Random, rankCount: number): readonly RankFault[] {
  return Array.from({ length: random.between(1, 5) }, () => ({
    kind: random.pick(["crash", "crash", "stall", "cut", "health"] as const),
    rank: random.below(rankCount),
    atMs: random.chance(0.1) ? 0 : random.between(quietMs, 9_000),
    durationMs: random.magnitude(20, 20_000),
  }));
}

function drawChanges(random: Random, rankCount: number): readonly RankChange[] {
  return Array.from({ length: random.between(1, 4) }, () => ({
    kind: random.pick(["add", "add", "drain", "remove", "remove at once"] as const),
    rank: random.below(rankCount),
    atMs: random.between(quietMs, 9_000),
  }));
}

/** The router's limits, made small so that each is met in a short run. */
function drawLimits(random: Random, isTight: boolean): Partial<RouterLimits> {
  const limits: Partial<RouterLimits> = {
    relayBufferBytesMax: random.magnitude(512, 16_384),
    heldBodyBytesMax: 4_096,
    pipelinedBytesMax: 2_048,
    headMsMax: 3_000,
    idleMsMax: 20_000,
    bodyIdleMsMax: 3_000,
    clientStallMsMax: 60_000,
    lingerMsMax: 500,
    connectMsMax: 1_000,
    rankStallMsMax: 20_000,
    prefillSilenceMsMax: 30_000,
    rankSilenceMsMax: 60_000,
    rankWaitMsMax: 3_000,
    rankKeepAliveMs: 3_000,
    rankIdleMsMax: 2_000,
    brokenTriesMax: random.pick([2, 3, 12]),
    drainMsMax: random.magnitude(50, 8_000),
    rankLeaveMsMax: 3_000,
    idempotencyHoldMsMax: 5_000,
    idempotencyKeepMs: 8_000,
    sessionsMax: 64,
    tickMs: 100,
  };
  if (!isTight) return limits;
  return {
    ...limits,
    connectionsMax: random.between(1, 5),
    requestsInFlightMax: random.between(1, 3),
    queueDepthMax: random.between(1, 3),
    queueMsMax: random.magnitude(10, 1_000),
    waitingRequestsMax: 1,
    idleConnectionsPerRankMax: 1,
    sessionsMax: 4,
  };
}
