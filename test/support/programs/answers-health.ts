/**
 * answers-health.ts PORT [HOST]: answers every request with 200 and ends as a good process does, when it is told to or
 * when standard input ends.
 */
import { createServer } from "node:http";

const server = createServer((_request, response) => response.end("ok"));
server.listen(Number(process.argv[2]), process.argv[3] ?? "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
process.stdin.on("end", () => process.exit(0)).resume();
