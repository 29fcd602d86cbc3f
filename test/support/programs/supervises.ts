/**
 * supervises.ts LOG_DIRECTORY PORT [PROGRAM [FILE [DIRECTORY]]]: supervises a program, answers-health.ts by default,
 * that is given the port and the file, and prints the pids of what it minds. The directory is to be removed when this
 * process is killed.
 */
import { join } from "node:path";
import { Supervisor } from "../../../src/supervise/mod.ts";

const [logDirectory, port, program = "answers-health.ts", file = "", directory] =
  process.argv.slice(2);
const supervisor = new Supervisor(
  [
    {
      id: "server",
      argv: [process.execPath, join(import.meta.dirname, program), port!, file],
      env: {},
      ready: { kind: "http", url: `http://127.0.0.1:${port}`, timeoutMs: 30_000 },
      after: [],
      restart: null,
    },
  ],
  {
    logDirectory: logDirectory!,
    directories: directory === undefined ? [] : [directory],
    onChange: ({ phase, processes }) => {
      if (phase === "ready") process.stdout.write(`${processes.map(({ pid }) => pid).join(" ")}\n`);
    },
  },
);
await supervisor.ended;
