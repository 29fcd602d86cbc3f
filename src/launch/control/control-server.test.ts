import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { connectionsMax, requestBytesMax, watchersMax } from "./limits.ts";
import { openControl } from "./open-control.ts";
import { fakeControlled, processView, runtimeDirectory } from "./test-support/fake-deployment.ts";
import { startFakeSupervisor } from "./test-support/start-fake-supervisor.ts";

async function open(context: TestContext) {
  const controlled = fakeControlled();
  const control = await openControl(controlled, [runtimeDirectory(context)]);
  const sockets: Socket[] = [];
  context.after(async () => {
    for (const socket of sockets) socket.destroy();
    await control.close();
  });
  const reach = (text: string): { readonly socket: Socket; readonly text: () => string } => {
    const socket = connect(control.socketPath);
    sockets.push(socket);
    let heard = "";
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    socket.on("error", () => undefined);
    socket.write(text);
    return { socket, text: () => heard };
  };
  /** The whole answer to a request, once the server has hung up. */
  const ask = async (text: string): Promise<Record<string, Record<string, unknown>>> => {
    const client = reach(text);
    await once(client.socket, "close", { signal: AbortSignal.timeout(30_000) });
    return JSON.parse(client.text());
  };
  return { controlled, control, reach, ask };
}

test("ControlServer answers status, stop and restart, also when the request comes in pieces", async (context) => {
  const { controlled, reach, ask } = await open(context);
  const { status } = await ask('{"command":"status"}\n');
  assert.equal(status!["id"], "kfake2");
  const since = status!["phaseSinceMs"] as Record<string, number>;
  assert.ok(Math.abs(Date.now() - since["rank-0"]!) < 3_600_000);
  assert.deepEqual(await ask('{"command":"stop","now":false}\n'), { done: true });
  assert.deepEqual(await ask('{"command":"stop","now":true}\n'), { done: true });
  const client = reach('{"command":"restart",');
  await eventually("the first piece to be sent", () => client.socket.bytesWritten > 0 || undefined);
  client.socket.write('"process":"rank-0"}\n{"command":"stop","now":true}\n');
  await once(client.socket, "close", { signal: AbortSignal.timeout(30_000) });
  assert.equal(client.text(), '{"done":true}\n', "one request a connection");
  assert.deepEqual(controlled.calls, ["stop", "stop now", "restart rank-0"]);
});

test("ControlServer says what is wrong with a request, and limits its length", async (context) => {
  const { controlled, ask } = await open(context);
  assert.equal((await ask("GET / HTTP/1.1\r\n"))["error"]!["code"], "CONTROL_REQUEST_INVALID");
  const long = await ask("x".repeat(requestBytesMax + 1));
  assert.match(String(long["error"]!["message"]), /more than the 4096 bytes/);
  controlled.restart = () => {
    throw new Error("no such process");
  };
  const refused = await ask('{"command":"restart","process":"x"}\n');
  assert.match(String(refused["error"]!["message"]), /no such process/);
});

test("ControlServer tells watchers of changes, many as one, and how it ended", async (context) => {
  const { controlled, control, reach } = await open(context);
  const client = reach('{"command":"watch"}\n');
  const lines = (): readonly string[] => client.text().split("\n").slice(0, -1);
  await eventually("the first status", () => lines().length === 1 || undefined);
  for (let restartCount = 1; restartCount <= 50; restartCount++) {
    controlled.current = {
      ...controlled.current,
      view: { phase: "ready", processes: [processView({ restartCount })] },
    };
    control.notify();
  }
  await eventually(
    "the last change",
    () => lines().at(-1)!.includes('"restartCount":50') || undefined,
  );
  assert.ok(lines().length < 10, `${lines().length} lines for 50 changes`);
  controlled.current = { ...controlled.current, view: { phase: "ended", processes: [] } };
  const closed = once(client.socket, "close", { signal: AbortSignal.timeout(30_000) });
  await control.close();
  await closed;
  assert.match(lines().at(-1)!, /"phase":"ended"/);
});

test("ControlServer keeps nothing but the latest status for a watcher that does not read", async (context) => {
  const { controlled, control, reach } = await open(context);
  const client = reach('{"command":"watch"}\n');
  await eventually("the first status", () => client.text() !== "" || undefined);
  client.socket.pause();
  const long = "x".repeat(1_000_000);
  const changes = 12;
  for (let restartCount = 1; restartCount <= changes; restartCount++) {
    const processes = [processView({ restartCount, logFile: long })];
    controlled.current = { ...controlled.current, view: { phase: "ready", processes } };
    control.notify();
    await new Promise((resolve) => void setTimeout(resolve, 150));
  }
  client.socket.resume();
  await eventually(
    "the last change",
    () => client.text().includes(`"restartCount":${changes}`) || undefined,
  );
  const count = client.text().split("\n").length;
  assert.ok(count < changes, `${count} lines reached a watcher that slept over ${changes} changes`);
});

test("ControlServer lets so many watch that others can still steer, and refuses what is more", async (context) => {
  const { reach, ask } = await open(context);
  const watchers = Array.from({ length: watchersMax }, () => reach('{"command":"watch"}\n'));
  await eventually("all watchers", () => watchers.every(({ text }) => text() !== "") || undefined);
  assert.equal((await ask('{"command":"watch"}\n'))["error"]!["code"], "CONTROL_BUSY");
  assert.deepEqual(await ask('{"command":"stop","now":false}\n'), { done: true });
  const idle = Array.from({ length: connectionsMax - watchersMax }, () => reach(""));
  await Promise.all(idle.map(({ socket }) => once(socket, "connect")));
  assert.equal((await ask('{"command":"status"}\n'))["error"]!["code"], "CONTROL_BUSY");
  for (const { socket } of watchers) socket.destroy();
  await eventually(
    "room",
    async () => "status" in (await ask('{"command":"status"}\n')) || undefined,
  );
});

test("ControlServer hangs up on whoever connects and asks nothing", async (context) => {
  const { reach } = await open(context);
  const { socket, text } = reach("");
  await once(socket, "close", { signal: AbortSignal.timeout(60_000) });
  assert.equal(text(), "");
});

test("ControlServer closes in time although a watcher does not read, and lets the process end", async (context) => {
  const supervisor = await startFakeSupervisor(context, runtimeDirectory(context));
  const sleeper = connect(supervisor.socketPath);
  sleeper.on("error", () => undefined).pause();
  sleeper.write('{"command":"watch"}\n');
  const stopper = connect(supervisor.socketPath);
  stopper.on("error", () => undefined).resume();
  stopper.write('{"command":"stop","now":false}\n');
  assert.equal(await supervisor.exited, 0);
  sleeper.destroy();
});
