/**
 * What several tasks of a step write at a time, kept apart. srun passes standard output on in messages of at most 1024
 * bytes (SLURM_IO_MAX_MSG_LEN of Slurm's io_hdr.h): a longer line of one task may come with another task's words
 * in its midst, a shorter one comes whole.
 */

const encodedBytesMax = 900;

/** Shell words that write what `command` does as lines short enough, each behind the number of its task. */
export function inShortLines(command: string): string {
  return `{ ${command}; } | base64 -w ${encodedBytesMax} | sed "s/^/$SLURM_PROCID /"`;
}

/** What each task wrote, by its number. Lines of anyone else are left out. */
export function joinTasks(stdout: string): ReadonlyMap<number, string> {
  const lines = stdout
    .split("\n")
    .map((line) => /^(?<task>\d{1,9}) (?<encoded>[A-Za-z0-9+/]+=*)$/.exec(line)?.groups)
    .filter((groups) => groups !== undefined);
  const byTask = Map.groupBy(lines, ({ task }) => Number(task));
  return new Map(
    [...byTask].map(([task, parts]) => [
      task,
      Buffer.from(parts.map(({ encoded }) => encoded).join(""), "base64").toString(),
    ]),
  );
}
