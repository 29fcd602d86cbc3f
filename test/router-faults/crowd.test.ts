import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { readMetric } from "../support/metrics.ts";
import { startProgram, startRouterProcess, startStreamRank } from "./router-process.ts";

const idleCount = 10_000;
const streamingCount = 2_000;
const rssBytesMax = 600 * 1_000_000;
const leasesMetric = "penstock_router_requests_in_flight";

test(
  "router holds ten thousand idle and two thousand streaming clients in 600 MB",
  { skip: whyNot() },
  async (context) => {
    const ranks = [await startStreamRank(context), await startStreamRank(context)];
    const router = await startRouterProcess(context, { rankUrls: ranks.map(({ url }) => url) });
    const crowd = startProgram(context, "crowd", [router.port, idleCount, streamingCount, 1_000]);
    const latest = () => JSON.parse(crowd.output().trimEnd().split("\n").at(-1) || "{}");
    await eventually(
      "all clients are served",
      () => latest().idle === idleCount && latest().streaming === streamingCount,
      120_000,
    );
    assert.equal(await readMetric(router.url, leasesMetric), streamingCount);
    const { events } = latest();
    await eventually("the streams go on", () => latest().events > events + 2 * streamingCount);
    assert.equal(latest().broken, 0);
    context.diagnostic(`${(router.rssBytes / 1e6).toFixed(0)} MB`);
    assert.ok(router.rssBytes < rssBytesMax, `${router.rssBytes} bytes`);
    await crowd.kill("SIGKILL");
    await eventually(
      "every lease is released",
      async () => (await readMetric(router.url, leasesMetric)) === 0,
    );
    for (const { url } of ranks) {
      await eventually("the ranks feel it", async () => {
        const counts = (await (await fetch(`${url}/counts`)).json()) as { active: number };
        return counts.active === 0;
      });
    }
  },
);

function whyNot(): string | false {
  const limits = readFileSync("/proc/self/limits", "utf8");
  const hard = /^Max open files\s+\d+\s+(\d+|unlimited)/m.exec(limits)?.[1];
  const needed = idleCount + 2 * streamingCount + 500;
  return hard === "unlimited" || Number(hard) >= needed
    ? false
    : `needs ${needed} file descriptors a process, ${hard} are allowed`;
}
