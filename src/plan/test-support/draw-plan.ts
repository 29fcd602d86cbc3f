import type { Plan, PlannedPort, PlannedProcess } from "../types.ts";

/** The Plan as a text that can be reviewed: a line a process, with its words and variables below it in detail. */
export function drawPlan(plan: Plan, detail: "brief" | "full"): string {
  const { shape, launcher, engine, nodes, endpoints, warnings, instances } = plan;
  return [
    `${shape} on ${launcher}, engine ${engine}, model ${plan.model.name}`,
    ...instances.map((instance) => `instance ${drawInstance(instance)}`),
    ...nodes.flatMap(({ index, processes }) => [
      "",
      `node ${index}`,
      ...processes.flatMap((process) => drawProcess(process, detail)),
    ]),
    "",
    `clients ${endpoints.client.join(" ")}`,
    ...warnings.map((warning) => `note ${warning}`),
    "",
  ].join("\n");
}

function drawInstance(instance: Plan["instances"][number]): string {
  const { id, nodes, tensorParallelSize: tp, dataParallelSize: dp, dataParallel } = instance;
  const meeting =
    dataParallel === null
      ? "independent ranks"
      : `${dataParallel.sizeLocal} ranks a node from ${dataParallel.startRanks.join(" and ")}, meet at ${dataParallel.address}:${dataParallel.rpcPort}`;
  return `${id}: nodes ${nodes.join(" ")}, tp ${tp}, dp ${dp}, ${meeting}`;
}

function drawProcess(process: PlannedProcess, detail: "brief" | "full"): readonly string[] {
  const { id, kind, gpus, ports, after, argv, env, files } = process;
  const facts = [
    kind,
    ...(gpus.length > 0 ? [`GPUs ${gpus.join(",")}`] : []),
    ports.map(drawPort).join(" "),
    ...(after.length > 0 ? [`after ${after.join(" ")}`] : []),
  ];
  const head = `  ${id}: ${facts.join(" · ")}`;
  if (detail === "brief") return [head];
  return [
    head,
    ...drawWords(argv),
    ...Object.entries(env).map(([name, value]) => `      ${name}=${value}`),
    ...files.map(({ path }) => `      writes ${path}`),
  ];
}

/** Each flag with its value on a line of its own. */
function drawWords(argv: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const word of argv)
    if (word.startsWith("-") || lines.length === 0) lines.push(word);
    else lines[lines.length - 1] += ` ${word}`;
  return lines.map((line) => `    ${line}`);
}

function drawPort({ purpose, host, port }: PlannedPort): string {
  return `${purpose} ${host}:${port}`;
}
