/** is-ready-once.ts PORT FILE: answers with 200 when the file is not there yet, and makes it; otherwise it listens nowhere. */
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, file] = process.argv.slice(2);
process.on("SIGTERM", () => process.exit(0));
process.stdin.on("end", () => process.exit(0)).resume();
if (!existsSync(file!)) {
  writeFileSync(file!, "");
  createServer((_request, response) => response.end("ok")).listen(Number(port), "127.0.0.1");
}
