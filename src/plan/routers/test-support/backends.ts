import type { ProcessRole } from "../../types.ts";
import type { RouterBackend } from "../backend.ts";

/** Ranks on the given nodes, `perNode` on each, at ports from `portBase` on. */
export function ranksOn(
  nodes: readonly number[],
  { id, role, portBase, perNode }: RankOptions,
): readonly RouterBackend[] {
  return nodes.flatMap((node, nodePosition) =>
    Array.from({ length: perNode }, (_, local) => ({
      id: `${id}-rank-${nodePosition * perNode + local}`,
      role,
      host: `{node:${node}}`,
      port: portBase + local,
      bootstrapPort: null,
    })),
  );
}

interface RankOptions {
  readonly id: string;
  readonly role: ProcessRole;
  readonly portBase: number;
  readonly perNode: number;
}

const plain = { portBase: 8100, perNode: 2 } as const;

/** Two nodes with two ranks each. */
export const regularBackends = ranksOn([0, 1], { ...plain, id: "both-0", role: "both" });

/** Two prefill instances and one decode instance, each on two nodes. */
export const disaggregatedBackends = [
  ...ranksOn([0, 1], { ...plain, id: "prefill-0", role: "prefill" }),
  ...ranksOn([2, 3], { ...plain, id: "prefill-1", role: "prefill" }),
  ...ranksOn([4, 5], { ...plain, id: "decode-0", role: "decode" }),
];
