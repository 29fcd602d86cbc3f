/**
 * A program that opens a control socket as a supervisor does and steers nothing. Arguments: its id and its log file.
 * `stop` ends it; `restart rank-0` succeeds after a moment, `restart rank-1` takes the deployment down, `restart exit`
 * ends the process without closing anything. Prints the path of its socket.
 */
import type { ProcessView } from "../../../supervise/mod.ts";
import { openControl } from "../open-control.ts";
import { deploymentStatus, processView } from "./fake-deployment.ts";

const [id = "kfake2", logFile = "/nowhere/rank-0.log"] = process.argv.slice(2);
const views = new Map<string, ProcessView>();
for (const rank of ["rank-0", "rank-1"]) views.set(rank, processView({ id: rank, logFile }));
let phase: "ready" | "stopping" | "ended" = "ready";

const control = await openControl({
  status: () => deploymentStatus({ id, view: { phase, processes: [...views.values()] } }),
  stop: () => void end(),
  stopNow: () => void end(),
  restart: (processId) => {
    if (processId === "exit") process.exit(0);
    change(processId, { phase: "restarting", pid: undefined });
    setTimeout(() => {
      if (processId === "rank-0")
        change(processId, { phase: "ready", pid: 4_343, restartCount: 1 });
      else void end();
    }, 300);
  },
});
const keepAlive = setInterval(() => undefined, 60_000);
process.stdout.write(`${control.socketPath}\n`);

function change(processId: string, changes: Partial<ProcessView>): void {
  views.set(processId, { ...views.get(processId)!, ...changes });
  control.notify();
}

async function end(): Promise<void> {
  for (const rank of views.keys()) change(rank, { phase: "ended" });
  phase = "ended";
  clearInterval(keepAlive);
  await control.close();
}
