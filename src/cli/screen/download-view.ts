import type { DownloadProgress } from "../../hub/mod.ts";
import { formatBytes } from "./format-bytes.ts";
import { isDumbTerminal, type Screen } from "./progress-view.ts";

const redrawMs = 100;
const barCells = 24;
/** Of a plain line a share of the whole is told. */
const plainSteps = 10;

export interface DownloadView {
  readonly update: (progress: DownloadProgress) => void;
  /** Leaves the cursor at the beginning of a line. */
  readonly end: () => void;
}

/** Shows a download: in a terminal as a bar that is rewritten in place, elsewhere as a plain line at each tenth. */
export function createDownloadView(
  screen: Screen,
  { now = () => performance.now(), isDumb = isDumbTerminal() } = {},
): DownloadView {
  return screen.isTTY === true && !isDumb ? barView(screen, now) : plainView(screen);
}

function barView(screen: Screen, now: () => number): DownloadView {
  let first: { readonly ms: number; readonly bytes: number } | undefined;
  let shownMs = Number.NEGATIVE_INFINITY;
  return {
    update: (progress) => {
      const { doneBytes, totalBytes } = progress;
      const ms = now();
      first ??= { ms, bytes: doneBytes };
      if (ms - shownMs < redrawMs && doneBytes < totalBytes) return;
      shownMs = ms;
      const bytesPerSecond = ((doneBytes - first.bytes) / Math.max(ms - first.ms, 1)) * 1_000;
      const line = `${barOf(progress)}  ${formatBytes(bytesPerSecond)}/s  ${progress.file}`;
      screen.write(`\r\u001b[2K${line.slice(0, (screen.columns ?? 80) - 1)}`);
    },
    end: () => {
      if (first !== undefined) screen.write("\n");
    },
  };
}

function barOf({ id, doneBytes, totalBytes }: DownloadProgress): string {
  const share = doneBytes / Math.max(totalBytes, 1);
  const bar = "#".repeat(Math.floor(share * barCells)).padEnd(barCells, ".");
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${id}  [${bar}] ${percent} %  ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
}

function plainView(screen: Screen): DownloadView {
  let shownStep = -1;
  return {
    update: ({ id, doneBytes, totalBytes }) => {
      const step = Math.floor((doneBytes / Math.max(totalBytes, 1)) * plainSteps);
      if (step <= shownStep) return;
      shownStep = step;
      const percent = (step * 100) / plainSteps;
      screen.write(`${id}: downloaded ${percent} % of ${formatBytes(totalBytes)}\n`);
    },
    end: () => {
      // Every line is ended already.
    },
  };
}
