import type { Plan, PlannedInstance, PlannedProcess } from "../../../plan/mod.ts";
import type { Part } from "./fold.ts";
import { formatCommand } from "./format-command.ts";
import { formatNumbers } from "./format-numbers.ts";

export interface PartOptions {
  /** Show command lines. */
  readonly argv: boolean;
}

interface Placed {
  readonly process: PlannedProcess;
  readonly node: number;
}

/** The deployment taken apart: replicas, in them router and instances, in those ranks; the store stands beside them. */
export function planParts(plan: Plan, options: PartOptions): readonly Part[] {
  const placed = plan.nodes.flatMap(({ index, processes }) =>
    processes.map((process) => ({ process, node: index })),
  );
  const ofInstance = Map.groupBy(placed, ({ process }) => process.instance ?? "");
  const standing = ofInstance.get("") ?? [];
  const stores = standing.filter(({ process }) => process.kind === "store");
  const fronts = Map.groupBy(
    standing.filter(({ process }) => process.kind !== "store"),
    ({ process }) => process.replica,
  );
  const replicas = [...Map.groupBy(plan.instances, ({ replica }) => replica)].map(
    ([replica, instances]) => {
      const url = plan.endpoints.client[replica];
      const clients = url === undefined ? [] : [`clients ${url}`];
      const own = fronts.get(replica) ?? [];
      const nodes = [...own.map(({ node }) => node), ...instances.flatMap((each) => each.nodes)];
      return groupPart({ label: `replica ${replica}`, nodes, facts: clients }, [
        ...own.map((front) => processPart(front, options)),
        ...instances.map((instance) =>
          instancePart(instance, ofInstance.get(instance.id) ?? [], options),
        ),
      ]);
    },
  );
  if (stores.length === 0) return replicas;
  const nodes = stores.map(({ node }) => node);
  const store = groupPart(
    { label: "store", nodes, facts: ["shared by all"] },
    stores.map((process) => processPart(process, options)),
  );
  return [...replicas, store];
}

interface Group {
  readonly label: string;
  readonly nodes: readonly number[];
  readonly facts: readonly string[];
}

/** Something that is no process itself. */
function groupPart({ label, nodes, facts }: Group, children: readonly Part[]): Part {
  return {
    tree: { label, facts: [nodesFact(nodes), ...facts], details: [] },
    ...compareBy(`group ${children.map(({ exact }) => exact).join("; ")}`),
    spans: { nodes },
    children,
  };
}

function instancePart(
  instance: PlannedInstance,
  processes: readonly Placed[],
  options: PartOptions,
): Part {
  const { id, role, nodes, tensorParallelSize: tp, dataParallelSize: dp, dataParallel } = instance;
  const meeting =
    dataParallel === null ? [] : [`ranks meet at ${dataParallel.address}:${dataParallel.rpcPort}`];
  const facts = [...(role === "both" ? [] : [role]), `TP ${tp} × DP ${dp}`, ...meeting];
  const onNodes = Map.groupBy(processes, ({ node }) => node);
  const children =
    nodes.length === 1
      ? rankParts(processes, options)
      : nodes.map((node) => nodePart(node, onNodes.get(node) ?? [], options));
  const part = groupPart({ label: id, nodes, facts }, children);
  return { ...part, ...compareBy(`${role} ${tp} ${dp} ${part.exact}`) };
}

/** The share of one node in an instance that spans several. */
function nodePart(node: number, processes: readonly Placed[], options: PartOptions): Part {
  const children = rankParts(processes, options);
  const ranks = processes.flatMap(({ process: { rank } }) => (rank === null ? [] : [rank]));
  const label = `node ${node}`;
  return {
    tree: { label, facts: [`ranks ${formatNumbers(ranks)}`], details: [] },
    ...compareBy(children.map(({ exact }) => exact).join("; ")),
    spans: { ranks },
    children,
  };
}

/** A rank's engine, its helpers below it. */
function rankParts(processes: readonly Placed[], options: PartOptions): readonly Part[] {
  return [...Map.groupBy(processes, ({ process }) => process.rank)].flatMap(([rank, own]) => {
    const engine = own.find(({ process }) => process.kind === "engine");
    const helpers = own
      .filter((placed) => placed !== engine)
      .map((helper) => processPart(helper, options));
    return rank === null || engine === undefined
      ? helpers
      : [rankPart(engine.process, helpers, options)];
  });
}

/** One rank stands for the next ones on its node, whose devices and ports count on. */
function rankPart(process: PlannedProcess, helpers: readonly Part[], options: PartOptions): Part {
  const { gpus, ports } = process;
  const spans = {
    ...(gpus.length > 0 && { GPUs: gpus }),
    ...Object.fromEntries(ports.map(({ purpose, port }) => [purpose, [port]])),
  };
  const below = helpers.map(({ exact }) => exact).join(", ");
  return {
    tree: {
      label: `rank ${process.rank}`,
      facts: [...gpuFact(gpus), ...portFacts(process)],
      details: options.argv ? formatCommand(process) : [],
    },
    likeness: [kindOf(process), gpus.length, Object.keys(spans), below].join(" "),
    exact: [kindOf(process), gpus, portFacts(process), below].join(" "),
    spans,
    children: helpers,
  };
}

function processPart({ process, node }: Placed, options: PartOptions): Part {
  const { id, gpus } = process;
  const facts = [...gpuFact(gpus), ...portFacts(process)];
  return {
    tree: {
      label: id,
      facts: [nodesFact([node]), ...facts],
      details: options.argv ? formatCommand(process) : [],
    },
    ...compareBy([kindOf(process), ...facts].join(" ")),
    spans: { nodes: [node] },
    children: [],
  };
}

/** Parts of a node are like each other only where everything is the same but names and nodes. */
function compareBy(text: string): Pick<Part, "likeness" | "exact"> {
  return { likeness: text, exact: text };
}

/** What two processes with other names must share to be alike: their commands differ by values only. */
function kindOf({ kind, argv, env }: PlannedProcess): string {
  return [kind, argv.length, ...Object.keys(env)].join(" ");
}

function portFacts({ ports }: PlannedProcess): readonly string[] {
  return ports.map(({ purpose, port }) => `${purpose} ${port}`);
}

function gpuFact(gpus: readonly number[]): readonly string[] {
  if (gpus.length === 0) return [];
  return [`${gpus.length === 1 ? "GPU" : "GPUs"} ${formatNumbers(gpus)}`];
}

function nodesFact(nodes: readonly number[]): string {
  return `${new Set(nodes).size === 1 ? "node" : "nodes"} ${formatNumbers(nodes)}`;
}
