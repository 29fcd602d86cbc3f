import { join } from "node:path";
import { test } from "node:test";
import { goldenReleases } from "./cases.ts";
import { goldenText } from "./golden.ts";

// After a change that is meant: `npm test -- --test-update-snapshots test/vllm-args/*.test.ts`, and read the difference.
for (const release of goldenReleases)
  test(`vllmServe() writes the reviewed command lines of vLLM ${release}`, (t) => {
    const path = join(import.meta.dirname, "golden", `${release}.txt`);
    t.assert.fileSnapshot(goldenText(release), path, { serializers: [String] });
  });
