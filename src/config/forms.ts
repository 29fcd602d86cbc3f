import { isTable } from "../base/mod.ts";
import type { KeyAlias, KeyNode, KeyTable } from "./key-tree.ts";
import { vllmNames } from "./vllm-names.ts";

/** The two ways in which a file is laid out. */
export interface Forms {
  /** `[model]`, `[parallel]`, `[deployment]` …; flags are read this way too. Names of the RL form lead to the same keys. */
  readonly standalone: KeyTable;
  /** A file of an RL run: the same below `[inference]`, beside sections of the trainer and the orchestrator. */
  readonly rl: KeyTable;
}

/** Adds to the tree of keys the other names under which files and flags reach them. */
export function makeForms(keys: KeyTable): Forms {
  const root = withRouterNames(keys);
  const at = (path: string) => nodeAt(root, path);
  const deployment = withAliases(at("deployment"), {
    router: at("router"),
    num_infer_replicas: at("deployment.num_replicas"),
    num_train_nodes: at("rl.num_train_nodes"),
    num_infer_nodes: at("rl.num_infer_nodes"),
  });
  const inference: KeyTable = {
    ...root,
    keys: new Map([...root.keys, ["deployment", deployment]]),
    aliases: new Map(ownedByVllm(root)),
  };
  const shared = { inference, ...trainerAndOrchestrator(root) };
  const rl = openTable(root.path, {
    ...misplaced(root, "inference"),
    ...shared,
    deployment: openTable(["deployment"], {
      ...misplaced(at("deployment") as KeyTable, "inference.deployment"),
      type: at("rl.deployment_type"),
      gpus_per_node: at("deployment.gpus_per_node"),
      num_train_nodes: at("rl.num_train_nodes"),
      num_infer_nodes: at("rl.num_infer_nodes"),
      num_infer_replicas: at("deployment.num_replicas"),
    }),
    model: { ...(at("model") as KeyTable), isOpen: true },
    weight_broadcast: { ...(at("weight_broadcast") as KeyTable), isOpen: true },
    ...Object.fromEntries(sharedKeys.map((name) => [name, at(name)])),
    max_async_level: at("rl.max_async_level"),
  });
  return { standalone: withAliases(inference, shared), rl };
}

/** Other routers have processes where this one has threads: the key goes by both names. */
function withRouterNames(root: KeyTable): KeyTable {
  const processes = nodeAt(root, "router.threads");
  const router = withAliases(nodeAt(root, "router"), { processes });
  return { ...root, keys: new Map([...root.keys, ["router", router]]) };
}

/** Names of ours that an RL file uses for something else beside inference. */
const namesOfRl = new Set(["log", "seed", "env_vars"]);

/** Keys of ours that would be overlooked beside inference, where they are meant to be below it. */
function misplaced(table: KeyTable, home: string): Readonly<Record<string, KeyAlias>> {
  const mistake = `Expected below [${home}], as this is the file of an RL run`;
  const names = [...table.keys].filter(([name]) => !namesOfRl.has(name));
  return Object.fromEntries(names.map(([name, node]) => [name, { node, mistake }]));
}

/** What an RL file sets for the run as a whole, under the names that the standalone form has too. */
const sharedKeys = ["pd_disagg", "launch", "slurm", "output_dir", "dry_run"] as const;

/** True for a table that an RL run would read: what only such files have decides it. */
export function isRlFile(table: Readonly<Record<string, unknown>>): boolean {
  const names = ["inference", "trainer", "orchestrator"];
  if (names.some((name) => Object.hasOwn(table, name))) return true;
  const { deployment } = table;
  if (!isTable(deployment)) return false;
  const written = Object.keys(deployment).map((name) => name.replaceAll("-", "_"));
  return written.includes("num_train_nodes") || written.includes("num_infer_nodes");
}

function trainerAndOrchestrator(root: KeyTable): Readonly<Record<string, KeyNode>> {
  const at = (path: string) => nodeAt(root, path);
  const client = openTable(["orchestrator", "client"], {
    extra_headers_from_state: at("rl.extra_headers_from_state"),
    elastic: { node: at("rl.elastic"), read: isOn },
  });
  const workers = { node: at("rl.env_num_workers"), read: fewestWorkers };
  return {
    trainer: openTable(["trainer"], { enable_router_replay: at("rl.enable_router_replay") }),
    orchestrator: openTable(["orchestrator"], {
      max_inflight_requests: at("rl.max_inflight_requests"),
      max_async_level: at("rl.max_async_level"),
      model: openTable(["orchestrator", "model"], { client }),
      client,
      env: workers,
      train: openTable(["orchestrator", "train"], { env: workers }),
      eval: openTable(["orchestrator", "eval"], { env: workers }),
    }),
  };
}

/** An elastic client is a table of settings, or a switch. */
function isOn(value: unknown): unknown {
  return isTable(value) ? true : value === "None" || value === null ? false : value;
}

/** Environments are a table or a list of tables; the one with the fewest workers is the narrowest. */
function fewestWorkers(value: unknown): unknown {
  const environments: readonly unknown[] = Array.isArray(value) ? value : [value];
  const counts = environments.flatMap((environment) => {
    const count = isTable(environment) ? environment["num_workers"] : undefined;
    return typeof count === "number" ? [count] : [];
  });
  return counts.length === 0 ? undefined : Math.min(...counts);
}

function ownedByVllm(root: KeyTable): readonly (readonly [string, KeyAlias])[] {
  return [...vllmNames].map(([name, path]) => [name, { node: nodeAt(root, path), owner: "vLLM" }]);
}

function nodeAt(root: KeyTable, path: string): KeyNode {
  let node: KeyNode | undefined = root;
  for (const name of path.split("."))
    node = node?.kind === "table" ? node.keys.get(name) : undefined;
  if (node === undefined) throw new TypeError(`No key "${path}" in the schema`);
  return node;
}

type Aliases = Readonly<Record<string, KeyNode | KeyAlias>>;

function withAliases(node: KeyNode, aliases: Aliases): KeyTable {
  const table = node as KeyTable;
  return { ...table, aliases: new Map([...table.aliases, ...toAliases(aliases)]) };
}

function openTable(path: readonly string[], aliases: Aliases): KeyTable {
  return {
    kind: "table",
    path,
    keys: new Map(),
    aliases: new Map(toAliases(aliases)),
    shorthand: undefined,
    nullable: false,
    variants: undefined,
    isOpen: true,
  };
}

function toAliases(aliases: Aliases): readonly (readonly [string, KeyAlias])[] {
  return Object.entries(aliases).map(([name, alias]) => [
    name,
    "node" in alias ? alias : { node: alias },
  ]);
}
