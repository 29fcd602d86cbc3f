import { once } from "node:events";
import { createServer } from "node:http";
import type { TestContext } from "node:test";
import { scratchDirectory } from "./scratch-directory.ts";

export interface FakeRouter {
  readonly socketPath: string;
  /** Method and target of each request. */
  readonly asked: string[];
  /** What it answers next. */
  answer: { status: number; body: string };
}

/** Something at the admin socket of a router that answers as the test says, until the test ends. */
export async function startFakeRouter(context: TestContext): Promise<FakeRouter> {
  const socketPath = scratchDirectory(context, {})("admin.sock");
  const fake: FakeRouter = { socketPath, asked: [], answer: { status: 200, body: "{}" } };
  const server = createServer((request, response) => {
    fake.asked.push(`${request.method} ${request.url}`);
    const { status, body } = fake.answer;
    if (status !== 0) response.writeHead(status).end(body);
  });
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(socketPath);
  await once(server, "listening");
  return fake;
}
