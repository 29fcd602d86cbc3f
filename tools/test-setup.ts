/**
 * Loaded before every test file: a process warning (a leaked listener, a deprecated call) fails the run, as an
 * unhandled rejection does by itself.
 */
process.on("warning", (warning) => {
  process.stderr.write(`Process warning fails the run: ${warning.stack ?? warning.message}\n`);
  process.exitCode = 1;
});
