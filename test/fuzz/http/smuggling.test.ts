import assert from "node:assert/strict";
import { test } from "node:test";
import { readAsPenstock } from "./penstock-parser.ts";
import type { Input, Message } from "./reading.ts";
import { type SmugglingCase, smuggledRequests, smuggledResponses } from "./smuggling-cases.ts";

for (const smuggled of smuggledRequests) {
  const { family, name } = smuggled;
  test(`a request that hides another is found: ${family}, ${name}`, () =>
    judge("request", smuggled));
}

for (const smuggled of smuggledResponses) {
  const { family, name } = smuggled;
  test(`a response that hides another is found: ${family}, ${name}`, () =>
    judge("response", smuggled));
}

/** However the bytes arrive: as a whole, one by one, and cut at each place. */
function judge(kind: Input["kind"], { text, outcome }: SmugglingCase): void {
  const everywhere = Array.from({ length: text.length - 1 }, (_, index) => index + 1);
  for (const cuts of [[], everywhere, ...everywhere.map((cut) => [cut])]) {
    const { messages, end, why } = readAsPenstock({ kind, text, cuts, method: "POST", ends: true });
    const complete = messages.filter(({ isComplete, status }) => isComplete && !isInterim(status));
    if (outcome === "one message") {
      assert.equal(end, "open");
      assert.equal(complete.length, 1);
    } else {
      assert.equal(end, "refused");
      // Whatever is wrong with a response, its client gets 502.
      if (kind === "request") assert.ok(why.startsWith(`${outcome} `), why);
      assert.equal(complete.length, 0);
    }
    for (const message of messages)
      assert.ok(!isEvil(message), "the hidden part was taken for a message");
  }
}

function isInterim(status: number): boolean {
  return status >= 100 && status < 200;
}

function isEvil({ target, reason, fields }: Message): boolean {
  return [target, reason, ...fields].some((text) => text.includes("evil"));
}
