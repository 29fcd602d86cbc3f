import type { Config } from "../schema/config.ts";
import { gpusPerNodeUsual } from "../schema/deployment.ts";
import { mistake, type RuleFinding } from "./finding.ts";

/** One kind of instance, by the keys that size it. */
interface Sizes {
  readonly tp: number;
  readonly dp: number;
  readonly nodes: number;
  readonly gpusPerNode: number;
  readonly tpPath: string;
  readonly dpPath: string;
}

/** A rank's GPUs are on one node, and the ranks of an instance are spread evenly over its nodes. */
export function gpuCount(config: Config): readonly RuleFinding[] {
  if (config.pd_disagg !== null) return [];
  const { parallel } = config;
  const findings = instances(config).flatMap((sizes) =>
    config.engine === "embedded" ? spread(sizes) : [...spread(sizes), ...fit(sizes)],
  );
  const isShared = config.deployment.type === "multi_node" && config.enable_expert_parallel;
  const nodes = isShared ? config.deployment.num_nodes : 1;
  if (parallel.dp_local === null || config.deployment.type === "disaggregated") return findings;
  if (parallel.dp_local * nodes === parallel.dp) return findings;
  const message = `Expected ${parallel.dp / nodes}: parallel.dp = ${parallel.dp} ranks on ${nodes} ${nodes === 1 ? "node" : "nodes"}`;
  return [...findings, mistake(message, "parallel.dp_local", "parallel.dp")];
}

function instances(config: Config): readonly Sizes[] {
  const { deployment, parallel } = config;
  const plain = { ...parallel, tpPath: "parallel.tp", dpPath: "parallel.dp" };
  if (deployment.type === "single_node") {
    const gpusPerNode = deployment.gpus_per_node ?? Infinity;
    return [{ ...plain, nodes: 1, gpusPerNode }];
  }
  const gpusPerNode = deployment.gpus_per_node ?? gpusPerNodeUsual;
  if (deployment.type === "multi_node") {
    const nodes = config.enable_expert_parallel ? deployment.num_nodes : 1;
    return [{ ...plain, nodes, gpusPerNode }];
  }
  return (["prefill", "decode"] as const).map((role) => {
    const own = deployment[`${role}_tp`];
    return {
      tp: own ?? parallel.tp,
      dp: deployment[`${role}_dp`] ?? parallel.dp,
      nodes: deployment[`num_${role}_nodes`],
      gpusPerNode,
      tpPath: own === null ? "parallel.tp" : `deployment.${role}_tp`,
      dpPath: `deployment.${role}_dp`,
    };
  });
}

function spread({ dp, nodes, dpPath }: Sizes): readonly RuleFinding[] {
  if (dp % nodes === 0) return [];
  const message = `Expected a multiple of ${nodes}: the ranks are spread evenly over ${nodes} nodes`;
  return [mistake(message, dpPath, "parallel.dp")];
}

function fit({ tp, dp, nodes, gpusPerNode, tpPath, dpPath }: Sizes): readonly RuleFinding[] {
  if (tp > gpusPerNode) {
    const message = `Expected at most ${gpusPerNode}: a rank's GPUs are on one node, which has deployment.gpus_per_node = ${gpusPerNode}`;
    return [mistake(message, tpPath)];
  }
  const dpMax = Math.floor(gpusPerNode / tp) * nodes;
  if (dp <= dpMax) return [];
  const message = `Expected at most ${dpMax}: ${dp} ranks of ${tp} GPUs do not fit on ${nodes} × ${gpusPerNode} GPUs`;
  return [mistake(message, dpPath, "parallel.dp")];
}
