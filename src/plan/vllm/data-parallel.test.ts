import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dataParallelFlags,
  launchMistake,
  ownRanks,
  rankOffset,
  type DataParallelLaunch,
} from "./data-parallel.ts";
import { flagsToWords } from "./flag-words.ts";

const meeting = { address: "{node:0}", rpcPort: 29_550 };
const words = (launch: DataParallelLaunch | null, isMoe = true): string =>
  flagsToWords(dataParallelFlags(launch, isMoe)).join(" ");

test("dataParallelFlags() says nothing for one rank", () => {
  assert.equal(words(null), "");
  assert.equal(words({ pattern: "internal", size: 1 }), "");
  assert.equal(words({ pattern: "external", size: 1, rank: 0, ...meeting }), "");
});

test("dataParallelFlags() gives one node all ranks", () => {
  assert.equal(words({ pattern: "internal", size: 4 }), "--data-parallel-size 4");
});

test("dataParallelFlags() makes every node headless but the first, which gets no start rank", () => {
  const node = { pattern: "internal-nodes", size: 4, sizeLocal: 2, ...meeting } as const;
  const end = "--data-parallel-address {node:0} --data-parallel-rpc-port 29550";
  const start = "--data-parallel-size 4 --data-parallel-size-local 2";
  assert.equal(words({ ...node, startRank: 0 }), `${start} ${end}`);
  assert.equal(
    words({ ...node, startRank: 2 }),
    `${start} --data-parallel-start-rank 2 --headless ${end}`,
  );
});

test("dataParallelFlags() gives every node an endpoint in the hybrid pattern, the first one too", () => {
  const node = { pattern: "hybrid", size: 4, sizeLocal: 2, startRank: 0, ...meeting } as const;
  assert.match(words(node), /--data-parallel-start-rank 0 --data-parallel-hybrid-lb/);
  assert.doesNotMatch(words(node), /headless/);
});

test("dataParallelFlags() gives a rank of experts its number, and a dense rank nothing", () => {
  const launch = { pattern: "external", size: 8, rank: 5, ...meeting } as const;
  assert.equal(
    words(launch),
    "--data-parallel-size 8 --data-parallel-rank 5 --data-parallel-external-lb --data-parallel-address {node:0} --data-parallel-rpc-port 29550",
  );
  assert.equal(words(launch, false), "");
});

test("rankOffset() moves the ports of independent servers only, as vLLM moves the others", () => {
  const launch = { pattern: "external", size: 8, rank: 5, ...meeting } as const;
  assert.equal(rankOffset(launch, true), 0);
  assert.equal(rankOffset(launch, false), 5);
  assert.equal(rankOffset({ pattern: "internal", size: 8 }, false), 0);
  assert.equal(rankOffset(null, false), 0);
});

test("ownRanks() counts the ranks of one command", () => {
  assert.deepEqual(ownRanks(null), { start: 0, count: 1 });
  assert.deepEqual(ownRanks({ pattern: "internal", size: 4 }), { start: 0, count: 4 });
  assert.deepEqual(ownRanks({ pattern: "external", size: 4, rank: 3, ...meeting }), {
    start: 3,
    count: 1,
  });
  assert.deepEqual(
    ownRanks({ pattern: "hybrid", size: 8, sizeLocal: 4, startRank: 4, ...meeting }),
    { start: 4, count: 4 },
  );
});

test("launchMistake() finds ranks that are not there", () => {
  const node = { pattern: "hybrid", size: 4, sizeLocal: 2, startRank: 2, ...meeting } as const;
  assert.equal(launchMistake(node), undefined);
  assert.equal(launchMistake(null), undefined);
  assert.match(launchMistake({ ...node, startRank: 3 })!, /ranks within 0 and 3.*3 to 4/);
  assert.match(launchMistake({ ...node, sizeLocal: 0 })!, /at least one rank in every command/);
  assert.match(launchMistake({ pattern: "internal", size: 0 })!, /at least one rank/);
  assert.match(
    launchMistake({ pattern: "external", size: 2, rank: 2, ...meeting })!,
    /4 ranks|2 ranks/,
  );
});
