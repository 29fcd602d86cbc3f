import { localAddresses } from "../../launch/mod.ts";
import { type Plan, replaceNodeAddresses } from "../../plan/mod.ts";
import { treesOf } from "./plan-tree/fold.ts";
import { planParts } from "./plan-tree/plan-parts.ts";
import { type DrawOptions, drawTrees } from "./plan-tree/tree.ts";

export interface FormatPlanOptions extends DrawOptions {
  /** Show command lines. */
  readonly argv?: boolean;
  /** Show every part; otherwise neighbours that differ by names and nodes only share a line. */
  readonly all?: boolean;
}

const shapeNames: Readonly<Record<Plan["shape"], string>> = {
  single_node: "Single node",
  multi_node: "Multi-node",
  wide_ep: "Wide EP",
  disaggregated: "Disaggregated",
  pd_disagg: "Prefill and decode on one machine",
};

/** The Plan for people: what it is in two lines, the tree of its parts, and what they should know of it. */
export function formatPlan(
  plan: Plan,
  { argv = false, all = false, columns }: FormatPlanOptions = {},
): string {
  const trees = replaceNodeAddresses(
    treesOf(planParts(plan, { argv }), !all),
    knownAddresses(plan),
  );
  return [
    headline(plan),
    countEverything(plan),
    ...drawTrees(trees, { columns }),
    ...plan.warnings.map((warning) => `Note: ${warning}`),
    "",
  ].join("\n");
}

/** Addresses of nodes that are known before they start: those on this machine, where vLLM has none. */
function knownAddresses({ launcher, engine, nodes }: Plan): readonly string[] {
  const isHere = launcher === "local" && engine === "embedded";
  return isHere ? localAddresses(nodes.length) : [];
}

function headline({ shape, model, engine, launcher }: Plan): string {
  const place = launcher === "slurm" ? "under Slurm" : "started here";
  const computing = engine === "vllm" ? "vLLM" : "the embedded engine";
  return `${shapeNames[shape]}: ${model.name} on ${computing}, ${place}`;
}

function countEverything({ nodes, instances, endpoints }: Plan): string {
  const gpuCount = nodes.reduce(
    (sum, { processes }) => sum + processes.reduce((own, { gpus }) => own + gpus.length, 0),
    0,
  );
  return [
    count(nodes.length, "node"),
    count(gpuCount, "GPU"),
    count(new Set(instances.map(({ replica }) => replica)).size, "replica"),
    count(instances.length, "instance"),
    count(endpoints.ranks.length, "rank"),
  ].join(" · ");
}

function count(value: number, name: string): string {
  return `${value.toLocaleString("en-US")} ${name}${value === 1 ? "" : "s"}`;
}
