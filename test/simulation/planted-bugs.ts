import { AdmissionQueue } from "../../src/router/accept/admission-queue.ts";
import { ClientConnection } from "../../src/router/accept/client-connection.ts";
import { HealthChecks } from "../../src/router/ranks/health-checks.ts";
import { Lease } from "../../src/router/ranks/lease.ts";
import { RankConnection } from "../../src/router/ranks/rank-connection.ts";
import { Attempt } from "../../src/router/relay/attempt.ts";
import { Download } from "../../src/router/relay/download.ts";
import { Exchange } from "../../src/router/relay/exchange.ts";
import type { RouterCore } from "../../src/router/router-core.ts";

/** A fault that is put into the router to see that the simulation finds it. */
export interface PlantedBug {
  readonly name: string;
  /** What it breaks. */
  readonly invariants: readonly string[];
  /** Puts it into the classes, before a core is made of them, and takes it out again. */
  readonly inClasses?: () => () => void;
  readonly inCore?: (core: RouterCore) => void;
}

type Method = (...values: readonly unknown[]) => unknown;

/** Puts another method in the place of one; `make` gets the old one. */
function replace(
  prototype: object,
  name: string,
  make: (old: Method) => (this: never, ...values: never[]) => unknown,
): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, name)!;
  const old = before.value as Method;
  Object.defineProperty(prototype, name, { ...before, value: make(old) });
  return () => void Object.defineProperty(prototype, name, before);
}

function replaceGetter(prototype: object, name: string, get: () => unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, name)!;
  Object.defineProperty(prototype, name, { ...before, get });
  return () => void Object.defineProperty(prototype, name, before);
}

/** A method that does nothing each so many calls. */
function skipping(
  prototype: object,
  name: string,
  { every, instead }: { readonly every: number; readonly instead?: unknown },
): () => void {
  let count = 0;
  return replace(
    prototype,
    name,
    (old) =>
      function (this: never, ...values: never[]) {
        return ++count % every === 0 ? instead : old.apply(this, values);
      },
  );
}

const leak = "all is given back";
const leases = "leases are the truth";

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "a lease is not released",
    invariants: [leases],
    inClasses: () => skipping(Lease.prototype, "release", { every: 5 }),
  },
  {
    name: "a lease is released twice",
    invariants: [leases, "nothing throws"],
    inClasses: () =>
      replace(
        Lease.prototype,
        "release",
        (old) =>
          function (this: never) {
            old.apply(this);
            old.apply(this);
          },
      ),
  },
  {
    name: "a request is sent on and forgotten",
    invariants: ["no request starves"],
    inClasses: () => skipping(Exchange.prototype, "start", { every: 7, instead: true }),
  },
  {
    name: "another rank is asked after the first byte of an answer",
    invariants: ["no attempt after a byte of the answer", "nothing throws"],
    inClasses: () => replaceGetter(Download.prototype, "canStartOver", () => true),
  },
  {
    name: "a rank's bytes go to another request",
    invariants: ["answers are not mixed", "answers are well-formed", "no silent end", leases],
    inClasses: () => {
      const last: Attempt[] = [];
      return replace(
        Attempt.prototype,
        "onData",
        (old) =>
          function (this: Attempt, chunk: Buffer) {
            const before = last.pop();
            last.push(this);
            const other = before !== undefined && before.seat !== -1 ? before : this;
            return old.call(other, chunk);
          },
      );
    },
  },
  {
    name: "a client gets bytes that were only lent",
    invariants: ["answers are not mixed", "answers are well-formed", "no silent end"],
    inClasses: () => {
      let kept: Buffer | string = "";
      return replace(
        ClientConnection.prototype,
        "write",
        (old) =>
          function (this: never, bytes: Buffer | string) {
            const isShort = bytes.length === kept.length;
            const written = isShort ? kept : bytes;
            kept = bytes;
            return old.call(this, written as never);
          },
      );
    },
  },
  {
    name: "a broken stream ends without a word",
    invariants: ["no silent end"],
    inClasses: () =>
      replace(
        ClientConnection.prototype,
        "write",
        (old) =>
          function (this: never, bytes: Buffer | string) {
            const isLast = typeof bytes === "string" && bytes.includes("[DONE]");
            return old.call(this, (isLast ? "0\r\n\r\n" : bytes) as never);
          },
      ),
  },
  {
    name: "the last bytes of an answer are lost",
    invariants: [
      "answers are well-formed",
      "no request starves",
      "no silent end",
      "no failure without a fault",
      leases,
    ],
    inClasses: () => {
      let count = 0;
      return replace(
        ClientConnection.prototype,
        "write",
        (old) =>
          function (this: never, bytes: Buffer | string) {
            if (bytes.toString().endsWith("0\r\n\r\n") && ++count % 5 === 0) return undefined;
            return old.call(this, bytes as never);
          },
      );
    },
  },
  {
    name: "a time limit outlives what it limits",
    invariants: [leak, "nothing throws"],
    inCore: ({ context: { deadlines } }) => {
      let count = 0;
      const forget = deadlines.forget.bind(deadlines);
      deadlines.forget = (item) => {
        if (++count % 10 !== 0) forget(item);
      };
    },
  },
  {
    name: "a connection to a rank is never closed",
    invariants: [leak, leases, "nothing throws"],
    inClasses: () => skipping(RankConnection.prototype, "destroy", { every: 4 }),
  },
  {
    name: "a place is never free again",
    invariants: [leak, "no request starves"],
    inClasses: () => skipping(AdmissionQueue.prototype, "leave", { every: 5 }),
  },
  {
    name: "whoever waits for a place is forgotten",
    invariants: ["no request starves"],
    inClasses: () => replace(AdmissionQueue.prototype, "wait", () => () => true),
  },
  {
    name: "a client that leaves is not felt",
    invariants: ["a client that leaves is felt by its ranks", leases, leak, "nothing throws"],
    inClasses: () => replace(Exchange.prototype, "onClientGone", () => () => {}),
  },
  {
    name: "a slow reader holds nobody back",
    invariants: ["limits hold"],
    inClasses: () => replace(Attempt.prototype, "pause", () => () => {}),
  },
  {
    name: "there is no limit of connections",
    invariants: ["limits hold"],
    inCore: ({ desk }) => {
      const limits = { ...desk.limits, connectionsMax: Infinity };
      Object.defineProperty(desk, "limits", { value: limits });
    },
  },
  {
    name: "the drain is forgotten",
    invariants: ["a router that drains takes nothing"],
    inCore: ({ desk }) => {
      desk.drain = () => {};
    },
  },
  {
    name: "the drain takes too long",
    invariants: ["a drain ends in time"],
    inCore: ({ clients }) => {
      const drain = clients.drain.bind(clients);
      clients.drain = (limitMs) => drain(limitMs * 3 + 3_000);
    },
  },
  {
    name: "a session sticks to a rank that is dead",
    invariants: ["only ranks that can serve do"],
    inCore: ({ context: { servers } }) => {
      const homes = new Map<string | undefined, number>();
      const choose = servers.choose.bind(servers);
      servers.choose = (sessionKey, except) => {
        const home = homes.get(sessionKey);
        if (home !== undefined && servers.eligible[home] === 0) return home;
        const slot = choose(sessionKey, except);
        if (slot !== -1) homes.set(sessionKey, slot);
        return slot;
      };
    },
  },
  {
    name: "a session wanders",
    invariants: ["sessions stay", "each rank has its turn", "load is spread"],
    inCore: ({ context: { servers } }) => {
      let count = 0;
      const choose = servers.choose.bind(servers);
      servers.choose = (sessionKey, except) => {
        const key = ++count % 3 === 0 ? `${sessionKey} ${count}` : sessionKey;
        return choose(key, except);
      };
    },
  },
  {
    name: "a rank that can serve is not asked",
    invariants: ["a rank that can serve does"],
    inCore: ({ context: { servers } }) => {
      let count = 0;
      const choose = servers.choose.bind(servers);
      servers.choose = (sessionKey, except) =>
        ++count % 9 === 0 ? -1 : choose(sessionKey, except);
    },
  },
  {
    name: "a rank that fails once is never asked after again",
    invariants: ["healthy ranks serve"],
    inClasses: () => {
      const asked = new WeakMap<object, number>();
      return replace(
        HealthChecks.prototype,
        "checkNow",
        (old) =>
          function (this: HealthChecks, slot: number) {
            const count = (asked.get(this) ?? 0) + 1;
            asked.set(this, count);
            return count > 12 ? undefined : old.call(this, slot);
          },
      );
    },
  },
  {
    name: "nothing is tried again",
    invariants: ["a fault before the answer costs nothing"],
    inCore: ({ context: { retryBudget } }) => {
      retryBudget.takeRetry = () => false;
    },
  },
  {
    name: "retries have no budget",
    invariants: ["retries keep to their budget"],
    inCore: ({ context: { retryBudget } }) => {
      retryBudget.takeRetry = () => true;
    },
  },
];
