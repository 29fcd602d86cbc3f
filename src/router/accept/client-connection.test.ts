/** What clients may do on a connection, and each limit on it. The rank echoes the target and the body. */
import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { Deadlines } from "../deadlines.ts";
import { defaultRouterLimits, type RouterLimits } from "../limits.ts";
import { MemoryStream } from "../test-support/memory-stream.ts";
import { RawClient } from "../test-support/raw-client.ts";
import { startRank, type TestRank } from "../test-support/test-rank.ts";
import { startTestRouter, type TestRouter } from "../test-support/test-router.ts";
import { TimerClock } from "../test-support/timer-clock.ts";
import { eventually, within } from "../test-support/within.ts";
import { ClientConnection } from "./client-connection.ts";

const echo: RequestListener = (request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => response.end(`<${request.method} ${request.url} ${body}>`));
};

interface Scene {
  readonly rank: TestRank;
  readonly router: TestRouter;
  readonly client: RawClient;
}

async function withScene(
  run: (scene: Scene) => Promise<void>,
  options: { readonly limits?: Partial<RouterLimits>; readonly listener?: RequestListener } = {},
): Promise<void> {
  await using rank = await startRank(options.listener ?? echo);
  await using router = await startTestRouter([rank], { limits: options.limits ?? {} });
  using client = new RawClient(router.url);
  await run({ rank, router, client });
  await router.settles();
}

function get(target: string, ...lines: readonly string[]): string {
  return [`GET ${target} HTTP/1.1`, "host: x", ...lines, "", ""].join("\r\n");
}

function post(body: string, ...lines: readonly string[]): string {
  return ["POST / HTTP/1.1", "host: x", ...lines, "", body].join("\r\n");
}

test("ClientConnection serves one request after the other", () =>
  withScene(async ({ client }) => {
    for (let number = 0; number < 3; number++) {
      client.send(get(`/${number}`));
      await client.receives(`<GET /${number} >`);
    }
    assert.doesNotMatch(client.received, /connection: close/);
  }));

test("ClientConnection answers requests sent ahead in their order, its own among them", () =>
  withScene(async ({ client }) => {
    client.send(
      get("/1") +
        post("abc", "content-length: 3") +
        get("/health") +
        get("/2") +
        get("/3", "connection: close"),
    );
    const received = await client.ended();
    const seen = received.match(/<[^>]*>|content-length: 0/g);
    assert.deepEqual(seen, [
      "<GET /1 >",
      "<POST / abc>",
      "content-length: 0",
      "<GET /2 >",
      "<GET /3 >",
    ]);
    assert.equal(client.ending, "end");
  }));

test("ClientConnection reads heads and chunked bodies that come byte by byte", () =>
  withScene(async ({ client }) => {
    client.socket.setNoDelay(true);
    for (const byte of post("3\r\nabc\r\n0\r\n\r\n", "transfer-encoding: chunked") + get("/2")) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.receives("<POST / abc>");
    await client.receives("<GET /2 >");
  }));

test("ClientConnection asks for the body that a client holds back", () =>
  withScene(async ({ client }) => {
    client.send(post("", "content-length: 3", "expect: 100-continue"));
    assert.equal(await client.receives("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("abc");
    await client.receives("<POST / abc>");
  }));

test("ClientConnection keeps a connection of HTTP/1.0 only when asked to", () =>
  withScene(async ({ client, router }) => {
    client.send("GET /1 HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
    await client.receives("<GET /1 >");
    assert.match(client.received, /\r\nconnection: keep-alive\r\n/);
    client.send("GET /2 HTTP/1.0\r\n\r\n");
    await client.receives("<GET /2 >");
    await client.ended();
    using other = new RawClient(router.url).send("GET /health HTTP/1.0\r\n\r\n");
    assert.match(await other.ended(), /^HTTP\/1\.1 200 OK\r\n/);
  }));

test("ClientConnection sends HEAD no body, its own answers included", () =>
  withScene(async ({ client }) => {
    client.send(get("/metrics", "connection: close").replace("GET", "HEAD"));
    assert.match(await client.ended(), /content-length: [1-9]\d+\r\nconnection: close\r\n\r\n$/);
  }));

test("ClientConnection goes on after an answer 503 when the request was whole", async () => {
  await using router = await startTestRouter([{ url: "http://127.0.0.1:1" }], { upCount: 0 });
  using client = new RawClient(router.url);
  client.send(get("/1") + get("/2", "connection: close"));
  assert.equal((await client.ended()).match(/HTTP\/1\.1 503 /g)?.length, 2);
});

const refused: readonly (readonly [string, number, string])[] = [
  ["a bare line feed", 400, "GET / HTTP/1.1\n"],
  ["an empty line before the request", 400, `\r\n${get("/")}`],
  ["a request without Host", 400, "GET / HTTP/1.1\r\n\r\n"],
  ["a version to come", 505, "GET / HTTP/2.0\r\n\r\n"],
  ["a TLS greeting", 400, "\x16\x03\x01\x02\x00\x01\x00"],
  ["two lengths", 400, post("abc", "content-length: 3", "content-length: 3")],
  [
    "a length and a coding",
    400,
    post("0\r\n\r\n", "content-length: 3", "transfer-encoding: chunked"),
  ],
  ["an unknown coding", 501, post("", "transfer-encoding: gzip, chunked")],
  ["a folded header", 400, get("/", "a: b", " c: d")],
  ["an unknown expectation", 417, post("", "expect: tea")],
];

for (const [what, status, bytes] of refused) {
  test(`ClientConnection answers ${what} with ${status} and closes`, () =>
    withScene(async ({ client, rank }) => {
      const before = rank.connectionCount;
      client.send(`${bytes}${get("/smuggled")}`);
      const received = await client.ended();
      assert.match(received, new RegExp(`^HTTP/1\\.1 ${status} `));
      const { error } = JSON.parse(received.slice(received.indexOf("\r\n\r\n") + 4)) as {
        error: { code: number };
      };
      assert.equal(error.code, status);
      assert.ok(!received.includes("smuggled"));
      assert.ok(rank.connectionCount >= before);
    }));
}

test("ClientConnection gives up a body whose chunks turn bad, and tells the rank", async () => {
  let isThere = false;
  let isAborted = false;
  const listener: RequestListener = (request) => {
    isThere = true;
    request.on("error", () => (isAborted = true));
  };
  await withScene(
    async ({ client }) => {
      client.send(post("3\r\nabc\r\n", "transfer-encoding: chunked"));
      await eventually("the rank has the request", () => isThere);
      client.send("zz\r\n");
      assert.match(await client.ended(), /^HTTP\/1\.1 400 /);
      await eventually("the rank hears of it", () => isAborted);
    },
    { listener },
  );
});

test("ClientConnection cuts an answer that has begun when the body turns bad", async () => {
  const listener: RequestListener = (_request, response) => void response.write("early");
  await withScene(
    async ({ client }) => {
      client.send(post("3\r\nabc\r\n", "transfer-encoding: chunked"));
      await client.receives("early");
      client.send("zz\r\n");
      await client.ended();
      assert.equal(client.ending, "reset");
    },
    { listener },
  );
});

test("ClientConnection refuses a head past headBytesMax", () =>
  withScene(
    async ({ client }) => {
      client.send(get("/", `a: ${"b".repeat(300)}`));
      assert.match(await client.ended(), /^HTTP\/1\.1 431 /);
    },
    { limits: { headBytesMax: 300 } },
  ));

test("ClientConnection refuses more headers than headerCountMax", () =>
  withScene(
    async ({ client }) => {
      const nine = Array.from({ length: 9 }, (_, number) => `a${number}: b`);
      client.send(get("/", ...nine));
      await client.receives("<GET / >");
      client.send(get("/", ...nine, "a9: b"));
      assert.match(await client.ended(), /HTTP\/1\.1 431 /);
    },
    { limits: { headerCountMax: 10 } },
  ));

test("ClientConnection refuses a body past bodyBytesMax before it comes", () =>
  withScene(
    async ({ client }) => {
      client.send(post("abc", "content-length: 3"));
      await client.receives("<POST / abc>");
      client.send(post("", "content-length: 4", "expect: 100-continue"));
      const received = await client.ended();
      assert.match(received, /HTTP\/1\.1 413 /);
      assert.doesNotMatch(received, /100 Continue/);
    },
    { limits: { bodyBytesMax: 3 } },
  ));

test("ClientConnection refuses a chunked body at the chunk that passes bodyBytesMax", () =>
  withScene(
    async ({ client }) => {
      client.send(post("2\r\nab\r\n", "transfer-encoding: chunked"));
      client.send("2\r\ncd\r\n");
      assert.match(await client.ended(), /^HTTP\/1\.1 413 /);
    },
    { limits: { bodyBytesMax: 3 } },
  ));

test("ClientConnection answers 408 when a head takes longer than headMsMax", () =>
  withScene(
    async ({ client }) => {
      client.send("GET / HTTP/1.1\r\nhost:");
      assert.match(await client.ended(), /^HTTP\/1\.1 408 /);
    },
    { limits: { headMsMax: 50 } },
  ));

test("ClientConnection closes a connection without a request after headMsMax in silence", () =>
  withScene(async ({ client }) => assert.equal(await client.ended(), ""), {
    limits: { headMsMax: 50 },
  }));

test("ClientConnection closes a kept connection after idleMsMax", () =>
  withScene(
    async ({ client }) => {
      client.send(get("/"));
      assert.match(await client.ended(), /<GET \/ >$/);
      assert.equal(client.ending, "end");
    },
    { limits: { idleMsMax: 50 } },
  ));

test("ClientConnection answers 408 when a body pauses for longer than bodyIdleMsMax", () =>
  withScene(
    async ({ client }) => {
      client.send(post("a", "content-length: 3"));
      assert.match(await client.ended(), /^HTTP\/1\.1 408 /);
    },
    { limits: { bodyIdleMsMax: 50 } },
  ));

test("ClientConnection leaves requests sent ahead past pipelinedBytesMax in the kernel, and serves them all", async () => {
  const held: (() => void)[] = [];
  const listener: RequestListener = (request, response) => {
    if (request.url === "/first") held.push(() => response.end("<first>"));
    else echo(request, response);
  };
  await withScene(
    async ({ client }) => {
      const padding = `a: ${"b".repeat(10_000)}`;
      const count = 1_000;
      client.send(get("/first"));
      for (let number = 0; number < count; number++) client.send(get(`/${number}`, padding));
      await eventually("the first request is there", () => held.length === 1);
      let stillCount = 0;
      let lastLength = -1;
      await eventually("the client is held back", () => {
        stillCount = client.socket.writableLength === lastLength ? stillCount + 1 : 0;
        lastLength = client.socket.writableLength;
        return stillCount > 50;
      });
      assert.ok(client.socket.writableLength > 0, "everything was taken in");
      held[0]!();
      await client.receives(`<GET /${count - 1} >`);
      assert.equal(client.received.match(/<GET /g)?.length, count);
    },
    { listener, limits: { pipelinedBytesMax: 1_000 } },
  );
});

test("ClientConnection reads no more of a body than its sink wants, also of a request that came early", () => {
  const stream = new MemoryStream();
  const clock = new TimerClock();
  const clients: ClientConnection[] = [];
  const connection = new ClientConnection(
    stream,
    {
      limits: defaultRouterLimits,
      deadlines: new Deadlines(100, clock),
      isDraining: false,
      handle: (_head, client) => {
        clients.push(client);
        return {
          onBody: () => false,
          onBodyEnd: () => undefined,
          onClientDrain: () => undefined,
          onClientGone: () => undefined,
        };
      },
      onRefused: () => assert.fail("refused"),
    },
    () => undefined,
  );
  connection.onData(Buffer.from(get("/") + post("abc", "content-length: 10")));
  assert.deepEqual([clients.length, stream.isPaused], [1, false]);
  connection.answer({ status: 200, contentType: "text/plain", body: "" });
  assert.deepEqual([clients.length, stream.isPaused], [2, true]);
  connection.resumeBody();
  assert.equal(stream.isPaused, false);
  connection.abort();
});

test("ClientConnection destroys a closing connection whose client keeps sending past lingerMsMax", () =>
  withScene(
    async ({ client }) => {
      client.socket.on("error", () => undefined);
      client.socket.allowHalfOpen = true;
      client.send("bad\r\n\r\n");
      await client.receives("HTTP/1.1 400 ");
      const timer = setInterval(() => client.send("more"), 5);
      await client.ended();
      clearInterval(timer);
    },
    { limits: { lingerMsMax: 50 } },
  ));

test("ClientConnection lets a slow client read the last answer to its end", async () => {
  const body = "z".repeat(8 << 20);
  await withScene(
    async ({ client }) => {
      client.socket.pause();
      client.send(get("/", "connection: close"));
      await new Promise((resolve) => setTimeout(resolve, 100)); // Longer than the limit that must not apply.
      client.socket.resume();
      await client.ended();
      assert.ok(client.received.endsWith(body));
    },
    { listener: (_request, response) => void response.end(body), limits: { lingerMsMax: 20 } },
  );
});

test("ClientConnection takes 100 clients at once, each with its own answers", () =>
  withScene(async ({ router }) => {
    const clients = Array.from({ length: 100 }, async (_, number) => {
      for (let turn = 0; turn < 5; turn++) {
        const target = `/${number}-${turn}`;
        const response = await fetch(router.url + target, { method: "POST", body: target });
        assert.equal(await response.text(), `<POST ${target} ${target}>`);
      }
    });
    await within("all answers", Promise.all(clients));
  }));
