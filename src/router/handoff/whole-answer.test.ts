import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../http1/refusal.ts";
import { defaultRouterLimits } from "../limits.ts";
import { WholeAnswer } from "./whole-answer.ts";

const ok = "HTTP/1.1 200 OK\r\n";

function take(text: string, pieceLength = text.length): WholeAnswer {
  const answer = new WholeAnswer({ ...defaultRouterLimits, prefillAnswerBytesMax: 8 });
  for (let start = 0; start < text.length; start += pieceLength) {
    answer.take(Buffer.from(text.slice(start, start + pieceLength), "latin1"));
  }
  return answer;
}

for (const [what, text] of [
  ["known length", `${ok}content-length: 5\r\n\r\nabcde`],
  ["chunks", `${ok}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`],
  ["interim responses", `HTTP/1.1 102 Wait\r\n\r\n${ok}content-length: 5\r\n\r\nabcde`],
] as const) {
  test(`WholeAnswer takes the content out of an answer with ${what}, in pieces of any size`, () => {
    for (const pieceLength of [1, 2, 7, text.length]) {
      const answer = take(text, pieceLength);
      assert.ok(answer.isDone && answer.leavesConnectionUsable);
      assert.equal(answer.takeBody().toString(), "abcde");
      assert.equal(answer.head?.status, 200);
    }
  });
}

test("WholeAnswer ends an answer without a length with the connection", () => {
  const answer = take(`${ok}\r\nabc`);
  assert.equal(answer.isDone, false);
  assert.equal(answer.takeEnd(), true);
  assert.equal(take(`${ok}content-length: 5\r\n\r\nabc`).takeEnd(), false);
});

test("WholeAnswer leaves no connection to another request on which more came", () => {
  assert.equal(take(`${ok}content-length: 1\r\n\r\nab`).leavesConnectionUsable, false);
});

for (const [what, text] of [
  ["longer than its limit", `${ok}content-length: 9\r\n\r\n`],
  ["of longer chunks", `${ok}transfer-encoding: chunked\r\n\r\n9\r\n`],
  ["longer without a length", `${ok}\r\n123456789`],
  ["that changes the protocol", "HTTP/1.1 101 Switching\r\n\r\n"],
  ["with too many interim ones", "HTTP/1.1 102 Wait\r\n\r\n".repeat(9)],
  ["that is no HTTP", "nonsense\r\n\r\n"],
] as const) {
  test(`WholeAnswer refuses an answer ${what}`, () => {
    assert.throws(() => take(text), Refusal);
  });
}
