/** Nodes of a partition that are alike. */
export interface NodeGroup {
  readonly partition: string;
  /** Whether jobs go to the partition that name none. */
  readonly isDefault: boolean;
  readonly nodeCount: number;
  readonly gpuCount: number;
  /** Whether jobs can run on them once others have ended; false for what is down or drained. */
  readonly isInService: boolean;
}

/** What `sinfo` has to be asked for: partition, nodes, generic resources, state, availability of the partition. */
export const partitionFormat = "%P|%D|%G|%t|%a";

const outOfService = /^(down|drain|drng|fail|inval|maint|unk)|\*$/i;

/** Reads `sinfo -h -e -o "%P|%D|%G|%t|%a"`. */
export function parsePartition(text: string): readonly NodeGroup[] {
  return text
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter((cells) => cells.length === 5 && /^\d+$/.test(cells[1]!))
    .map(([partition, nodeCount, gres, state, availability]) => ({
      partition: partition!.replace(/\*$/, ""),
      isDefault: partition!.endsWith("*"),
      nodeCount: Number(nodeCount),
      gpuCount: countGpus(gres!),
      isInService: availability === "up" && !outOfService.test(state!),
    }));
}

/** "gpu:8", "gpu:h100:8(S:0-1)", "gpu:a100:4,nic:1", "gpu:a:2,gpu:b:2", "(null)". */
function countGpus(gres: string): number {
  const counts = gres.matchAll(
    /(?:^|,)gpu(?::[^,:()]+)??(?::(?<count>\d+))?(?:\([^)]*\))?(?=,|$)/g,
  );
  return [...counts].reduce((sum, { groups }) => sum + Number(groups!["count"] ?? 1), 0);
}
