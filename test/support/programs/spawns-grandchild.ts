/**
 * spawns-grandchild.ts PORT PID_FILE: starts a child that ignores signals and the end of its input, writes its
 * pid to the file, then answers with 200.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, pidFile] = process.argv.slice(2);
const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);';
const child = spawn(process.execPath, ["-e", stubborn], { stdio: "inherit" });
writeFileSync(pidFile!, String(child.pid));
const server = createServer((_request, response) => response.end("ok"));
server.listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
process.stdin.on("end", () => process.exit(0)).resume();
