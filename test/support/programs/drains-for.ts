/**
 * drains-for.ts PORT MS FILE: a server that answers 200, and that takes so long to end when it is told to; it writes
 * the file when it has.
 */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, drainMs, file] = process.argv.slice(2);
createServer((_request, response) => response.end()).listen(Number(port), "127.0.0.1");
process.once("SIGTERM", () => {
  setTimeout(() => {
    writeFileSync(file!, "drained\n");
    process.exit(0);
  }, Number(drainMs));
});
