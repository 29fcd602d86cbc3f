import assert from "node:assert/strict";
import { test } from "node:test";
import type { RequestClient } from "../accept/request.ts";
import { AnswerTape } from "./idempotency-tape.ts";

/** A client that notes what it is told. */
function witness(options: { readonly keepsAlive?: boolean } = {}) {
  const told: string[] = [];
  const client: RequestClient = {
    keepsAlive: options.keepsAlive ?? true,
    isCongested: true,
    closeAfterAnswer: () => void told.push("close after"),
    writeHead: (text) => void told.push(`head ${text}`),
    write: (bytes) => void told.push(bytes.toString()),
    resumeBody: () => void told.push("resume"),
    finish: () => void told.push("finish"),
    finishBroken: () => void told.push("finish broken"),
    refuse: (status) => void told.push(`refuse ${status}`),
    cut: () => void told.push("cut"),
  };
  return { client, told };
}

function setUp(bytesMax = 100) {
  const events: string[] = [];
  let room = 0;
  const owner = {
    takeRoom: (byteCount: number) => {
      room += byteCount;
      return true;
    },
    giveRoomBack: (byteCount: number) => void (room -= byteCount),
    onWhole: () => void events.push("whole"),
    onFailed: () => void events.push("failed"),
    onUnwanted: () => void events.push("unwanted"),
  };
  const first = witness();
  const tape = new AnswerTape(first.client, owner, bytesMax);
  return { tape, first, events, room: () => room };
}

const head = "HTTP/1.1 201 Created\r\na: b\r\n\r\n";

test("AnswerTape passes everything on to its client, and plays it to the next one", () => {
  const { tape, first, events } = setUp();
  assert.equal(tape.isCongested, true);
  tape.resumeBody();
  tape.writeHead(head);
  const chunk = Buffer.from("one");
  tape.write(chunk);
  chunk.fill("x");
  tape.detach();
  assert.equal(tape.isCongested, false);
  tape.write("two");
  const second = witness({ keepsAlive: false });
  tape.attach(second.client);
  tape.write(Buffer.from("three"));
  tape.finish();
  assert.equal(tape.status, 201);
  assert.deepEqual(first.told, ["resume", `head ${head}`, "one"]);
  const replayed = `${head.slice(0, -2)}idempotency-replayed: true\r\nconnection: close\r\n\r\n`;
  assert.deepEqual(second.told, [`head ${replayed}`, "one", "two", "three", "finish"]);
  assert.deepEqual(events, ["whole"]);
  const third = witness();
  tape.attach(third.client);
  assert.deepEqual(third.told.slice(1), ["one", "two", "three", "finish"]);
  assert.equal(tape.hasClient, false);
});

test("AnswerTape says to each client that the connection ends where the answer ends with it", () => {
  const { tape, first } = setUp();
  tape.closeAfterAnswer();
  tape.writeHead(head);
  const second = witness();
  tape.attach(second.client);
  assert.equal(first.told[0], "close after");
  assert.equal(second.told[0], "close after");
});

test("AnswerTape tells the client that another one takes its place", () => {
  const { tape, first } = setUp();
  tape.attach(witness().client);
  assert.deepEqual(first.told, ["refuse 409"]);
});

test("AnswerTape says that it failed, with or without a client", () => {
  const refused = setUp();
  refused.tape.refuse(502, "no");
  assert.deepEqual([refused.first.told, refused.events], [["refuse 502"], ["failed"]]);
  const broken = setUp();
  broken.tape.finishBroken();
  assert.deepEqual([broken.first.told, broken.events], [["finish broken"], ["failed"]]);
  const cut = setUp();
  cut.tape.detach();
  cut.tape.cut();
  assert.deepEqual([cut.first.told, cut.events], [[], ["failed"]]);
});

test("AnswerTape keeps what it has room for, and is unwanted when nobody gets the rest", () => {
  const { tape, first, events, room } = setUp(5);
  tape.writeHead(head);
  tape.write("12345");
  assert.equal(room(), 5);
  assert.equal(tape.isPlayable, true);
  tape.write("6");
  assert.equal(tape.isPlayable, false);
  assert.equal(first.told.at(-1), "6");
  assert.deepEqual(events, []);
  tape.detach();
  tape.write("7");
  assert.deepEqual(events, ["unwanted"]);
});
