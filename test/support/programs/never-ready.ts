/** never-ready.ts: runs, says so, and listens nowhere. */
process.stdout.write("waiting for a cluster that never comes\n");
process.on("SIGTERM", () => process.exit(0));
process.stdin.on("end", () => process.exit(0)).resume();
