import { PenstockError } from "../../errors/mod.ts";

/** sbatch reads each option of a script into a buffer of BUFSIZ bytes. */
const lineBytesMax = 8_000;

const plainValue = /^[\w@%+=:,./[\]-]+$/;

/**
 * `#SBATCH --NAME=VALUE`. sbatch, not the shell, reads these lines: blanks end an option unless they are quoted, `#`
 * ends the line likewise, and a backslash takes the next character as it is, in quotes too, but for a blank outside
 * of them (`_get_argument` in Slurm's sbatch/opt.c).
 *
 * @throws PenstockError SLURM_VALUE_NOT_WRITABLE for what no such line can hold; `key` is the config key to name.
 */
export function sbatchLine(name: string, value: string | number, key: string): string {
  const text = String(value);
  const refuse = (reason: string): PenstockError =>
    new PenstockError("SLURM_VALUE_NOT_WRITABLE", { key, reason });
  if (text === "") throw refuse("it is empty");
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\0-\x1f\x7f]/.test(text)) throw refuse("it holds a control character");
  const quoted = plainValue.test(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  const line = `#SBATCH --${name}=${quoted}`;
  if (Buffer.byteLength(line) > lineBytesMax)
    throw refuse(`its line is over ${lineBytesMax} bytes`);
  return line;
}
