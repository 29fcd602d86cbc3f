/**
 * makes-a-mess.ts PORT FILE: does what makes a process hard to tidy up. It has a file in /dev/shm open, starts a child
 * in a session and with an environment of its own, and neither of them heeds SIGTERM or the end of standard input. It
 * writes `{ sharedFile, pids }` to the file as JSON and then answers every request with 200.
 */
import { spawn } from "node:child_process";
import { openSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, file] = process.argv.slice(2);
process.on("SIGTERM", () => {});
const sharedFile = `/dev/shm/penstock-mess-${process.pid}-${port}`;
openSync(sharedFile, "wx+");
const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);';
const options = { detached: true, env: {}, stdio: "ignore" } as const;
const child = spawn(process.execPath, ["-e", stubborn], options);
writeFileSync(`${file}.new`, JSON.stringify({ sharedFile, pids: [process.pid, child.pid] }));
renameSync(`${file}.new`, file!);
createServer((_request, response) => response.end("ok")).listen(Number(port), "127.0.0.1");
