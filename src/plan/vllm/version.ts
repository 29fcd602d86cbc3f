/** A release of vLLM; what follows the three numbers (rc1, post1, dev7, +cpu) decides nothing here. */
export interface VllmVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

const versionForm =
  /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:\.\d{1,4})*(?:[.-]?(?:a|b|rc|post|dev)\d*)*(?:\+[\w.]+)?$/;
const versionLengthMax = 100;

/**
 * Reads what `vllm --version`, `GET /version` and pip say: "0.30.0", "v0.27.1", "0.28.0+cpu", "0.31.1.dev7+g1a2b3c".
 * Undefined when the text is no version.
 */
export function parseVllmVersion(text: string): VllmVersion | undefined {
  if (text.length > versionLengthMax) return undefined;
  const match = versionForm.exec(text.trim());
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

/** Negative when a is older than b, 0 when they are the same release. */
export function compareVllmVersions(a: VllmVersion, b: VllmVersion): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

export function vllmVersionText({ major, minor, patch }: VllmVersion): string {
  return `${major}.${minor}.${patch}`;
}
