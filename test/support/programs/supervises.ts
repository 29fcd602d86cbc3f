/** supervises.ts LOG_DIRECTORY PORT: supervises answers-health.ts, and prints the pids of what it minds. */
import { join } from "node:path";
import { Supervisor } from "../../../src/supervise/mod.ts";

const [logDirectory, port] = process.argv.slice(2);
const program = join(import.meta.dirname, "answers-health.ts");
const supervisor = new Supervisor(
  [
    {
      id: "server",
      argv: [process.execPath, program, port!],
      env: {},
      ready: { kind: "http", url: `http://127.0.0.1:${port}`, timeoutMs: 30_000 },
      after: [],
      restart: null,
    },
  ],
  {
    logDirectory: logDirectory!,
    onChange: ({ phase, processes }) => {
      if (phase === "ready") process.stdout.write(`${processes.map(({ pid }) => pid).join(" ")}\n`);
    },
  },
);
await supervisor.ended;
