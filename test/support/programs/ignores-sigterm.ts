/** ignores-sigterm.ts PORT: answers with 200, and neither SIGTERM nor the end of standard input ends it. */
import { createServer } from "node:http";

process.on("SIGTERM", () => process.stdout.write("not now\n"));
const server = createServer((_request, response) => response.end("ok"));
server.listen(Number(process.argv[2]), "127.0.0.1");
