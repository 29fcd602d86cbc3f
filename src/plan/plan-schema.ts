/** JSON Schema (draft 2020-12) of the Plan, for whoever reads `plan.json`; {@linkcode Plan} is the same as a type. */
export const planSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Plan of a Penstock deployment",
  ...record({
    version: { const: 1 },
    shape: { enum: ["single_node", "multi_node", "wide_ep", "disaggregated", "pd_disagg"] },
    launcher: { enum: ["local", "slurm"] },
    model: record({ name: text(), servedModelNames: list(text()), source: text() }),
    engine: { enum: ["embedded", "vllm"] },
    instances: list(instance()),
    nodes: list(record({ index: count(), processes: list(process()) })),
    endpoints: record({
      client: list(text()),
      ranks: list(text()),
      admin: list(record({ node: count(), path: text() })),
    }),
    warnings: list(text()),
  }),
} as const;

function instance(): object {
  const dataParallel = record({
    sizeLocal: count(),
    address: text(),
    rpcPort: port(),
    startRanks: list(count()),
  });
  return record({
    id: text(),
    replica: count(),
    role: role(),
    nodes: list(count()),
    tensorParallelSize: count(),
    dataParallelSize: count(),
    dataParallel: orNull(dataParallel),
  });
}

function process(): object {
  const facts = {
    id: text(),
    kind: { enum: ["engine", "router", "sidecar", "store"] },
    role: role(),
    replica: count(),
    instance: orNull(text()),
    rank: orNull(count()),
    argv: list(text()),
    env: { type: "object", additionalProperties: { type: "string" } },
    files: list(record({ path: text(), content: { type: "string" } })),
    directories: list(text()),
    gpus: list(count()),
    ports: list(plannedPort()),
    ready: {
      anyOf: [
        record(
          { kind: { const: "http" }, url: text(), timeoutMs: count() },
          { socketPath: text() },
        ),
        record({ kind: { const: "model" }, url: text(), model: text(), timeoutMs: count() }),
        record({ kind: { const: "port" }, host: text(), port: port(), timeoutMs: count() }),
        record({ kind: { const: "started" } }),
      ],
    },
    after: list(text()),
    restart: orNull(
      record({
        restartsMax: count(),
        windowMs: count(),
        firstWaitMs: count(),
        waitMsMax: count(),
      }),
    ),
  };
  return record(facts, { drainMs: count() });
}

function plannedPort(): object {
  const purposes = ["http", "rpc", "kv-transfer", "events", "grpc", "health", "metrics", "store"];
  return record({ purpose: { enum: purposes }, host: text(), port: port(), flag: text() });
}

type Properties = Readonly<Record<string, object>>;

/** An object with exactly these keys, and perhaps with the optional ones. */
function record(required: Properties, optional: Properties = {}): object {
  return {
    type: "object",
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

function list(items: object): object {
  return { type: "array", items };
}

function orNull(schema: object): object {
  return { anyOf: [schema, { type: "null" }] };
}

function text(): object {
  return { type: "string" };
}

function count(): object {
  return { type: "integer", minimum: 0 };
}

function port(): object {
  return { type: "integer", minimum: 1, maximum: 65_535 };
}

function role(): object {
  return { enum: ["both", "prefill", "decode"] };
}
