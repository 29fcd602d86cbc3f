import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteBudget } from "../handoff/byte-budget.ts";
import { Upload, type UploadTarget } from "./upload.ts";

class Target implements UploadTarget {
  text = "";
  isFree = true;
  isFlushed = true;
  write(bytes: Buffer): boolean {
    this.text += bytes.toString();
    return this.isFree;
  }
  writeKept(parts: readonly Buffer[]): boolean {
    for (const part of parts) this.write(part);
    return this.isFree;
  }
}

test("Upload holds what comes before there is a connection and sends it in order", () => {
  const upload = new Upload(10);
  assert.equal(upload.push(Buffer.from("ab")), true);
  assert.equal(upload.push(Buffer.from("cd")), true);
  const target = new Target();
  assert.equal(upload.sendTo(target), true);
  upload.push(Buffer.from("ef"));
  assert.equal(target.text, "abcdef");
});

test("Upload asks to wait past its limit and while the rank is behind", () => {
  const upload = new Upload(3);
  assert.equal(upload.push(Buffer.from("abc")), true);
  assert.equal(upload.push(Buffer.from("d")), false);
  const target = new Target();
  target.isFree = false;
  assert.equal(upload.sendTo(target), false);
  assert.equal(upload.push(Buffer.from("e")), false);
  assert.equal(target.text, "abcde");
});

test("Upload sends a short body again on another connection", () => {
  const upload = new Upload(4);
  const first = new Target();
  upload.sendTo(first);
  upload.push(Buffer.from("ab"));
  upload.detach();
  upload.push(Buffer.from("cd"));
  assert.equal(upload.isRepeatable, true);
  const second = new Target();
  upload.sendTo(second);
  assert.equal(first.text, "ab");
  assert.equal(second.text, "abcd");
});

test("Upload lets go of a body past its limit once it is sent", () => {
  const upload = new Upload(3);
  upload.sendTo(new Target());
  upload.push(Buffer.from("abc"));
  assert.equal(upload.isRepeatable, true);
  upload.push(Buffer.from("d"));
  assert.equal(upload.isRepeatable, false);
});

test("Upload.of() gives a body that is there already as often as it is wanted, until it is let go", () => {
  const upload = Upload.of([Buffer.from("a"), Buffer.alloc(1 << 20)]);
  const written: number[] = [];
  const write = (bytes: Buffer) => written.push(bytes.length) > 0;
  const target = {
    isFlushed: true,
    write,
    writeKept: (parts: readonly Buffer[]) => parts.every(write),
  };
  for (let count = 0; count < 2; count++) {
    assert.ok(upload.isComplete && upload.isRepeatable);
    upload.sendTo(target);
    upload.detach();
  }
  assert.deepEqual(written, [1, 1 << 20, 1, 1 << 20]);
  upload.letGo();
  assert.equal(upload.isRepeatable, false);
});

test("Upload keeps long pieces apart, and its memory to itself while a connection may read it", () => {
  const piece = (byte: string) => Buffer.alloc(100_000, byte);
  const first = new Upload(Infinity);
  const slow = new Target();
  slow.isFlushed = false;
  first.sendTo(slow);
  for (const byte of ["a", "b", "c"]) first.push(piece(byte));
  const held = [...first.held];
  first.detach();
  first.letGo();
  const second = new Upload(Infinity);
  for (const byte of ["d", "e", "f"]) second.push(piece(byte));
  assert.equal(Buffer.concat(held).toString(), ["a", "b", "c"].map((byte) => piece(byte)).join(""));
  assert.equal(
    Buffer.concat(second.held).toString(),
    ["d", "e", "f"].map((byte) => piece(byte)).join(""),
  );
});

test("Upload uses memory again that nobody reads any more", () => {
  const first = new Upload(Infinity);
  first.sendTo(new Target());
  first.push(Buffer.alloc(65_536, "a"));
  const [slab] = first.held;
  first.letGo();
  const second = new Upload(Infinity);
  second.push(Buffer.alloc(65_536, "b"));
  assert.equal(second.held[0]!.buffer, slab!.buffer);
});

test("Upload keeps a body that comes in tiny pieces in few of them", () => {
  const upload = new Upload(Infinity);
  const body = Buffer.alloc(100_000, "0123456789");
  for (const byte of body) upload.push(Buffer.from([byte]));
  assert.ok(upload.held.length < 20, `${upload.held.length} pieces`);
  assert.ok(Buffer.concat(upload.held).equals(body));
});

test("Upload holds what there is room for in all, and gives the room back once", () => {
  const budget = new ByteBudget(10);
  const first = new Upload(8, budget);
  first.push(Buffer.from("abcdef"));
  assert.equal(budget.takenBytes, 6);
  assert.equal(first.staysRepeatable(8), true);
  const second = new Upload(8, budget);
  assert.equal(second.staysRepeatable(4), true);
  assert.equal(second.staysRepeatable(5), false);
  assert.equal(second.staysRepeatable("chunked"), false);
  second.push(Buffer.from("gh"));
  assert.equal(second.push(Buffer.from("ijk")), false);
  assert.equal(budget.takenBytes, 8);
  first.letGo();
  first.letGo();
  assert.equal(budget.takenBytes, 2);
  const target = new Target();
  assert.equal(second.sendTo(target), true);
  assert.equal(second.push(Buffer.from("l")), true);
  assert.equal(target.text, "ghijkl");
  assert.equal(second.isRepeatable, false);
  assert.equal(budget.takenBytes, 0);
});
