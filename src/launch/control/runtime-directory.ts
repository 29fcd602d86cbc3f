import { lstat, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * Directories in which control sockets may be, most wanted first. A deployment takes the first that it can use;
 * commands look into all of them, because another shell, cron or a Slurm step may have another environment.
 * PENSTOCK_RUNTIME_DIR, where it is set, is the only one.
 */
export function runtimeDirectories(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const own = env["PENSTOCK_RUNTIME_DIR"];
  if (own !== undefined && isAbsolute(own)) return [own];
  const uid = process.getuid?.() ?? 0;
  const runtime = env["XDG_RUNTIME_DIR"] ?? "";
  const all = [
    ...(isAbsolute(runtime) ? [join(runtime, "penstock")] : []),
    `/run/user/${uid}/penstock`,
    join(tmpdir(), `penstock-${uid}`),
    `/tmp/penstock-${uid}`,
  ];
  return [...new Set(all)];
}

/** Makes the directory where it is missing. Gives why it cannot be trusted; undefined where it can. */
export async function whyNotPrivate(directory: string): Promise<string | undefined> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST") return message;
  }
  return await whyNotTrusted(directory);
}

/** As {@linkcode whyNotPrivate}, for a directory that has to be there: names below /tmp can be taken by anybody. */
export async function whyNotTrusted(directory: string): Promise<string | undefined> {
  try {
    const status = await lstat(directory);
    if (!status.isDirectory()) return `"${directory}" is no directory`;
    if (status.uid !== process.getuid?.()) return `"${directory}" belongs to user ${status.uid}`;
    const others = status.mode & 0o077;
    return others === 0 ? undefined : `others may use "${directory}"`;
  } catch (error) {
    return (error as Error).message;
  }
}
