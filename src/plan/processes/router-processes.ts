import type { Config } from "../../config/mod.ts";
import type { PortBook } from "../ports.ts";
import {
  llmdDefaultPorts,
  type LlmdPorts,
  llmdRouter,
  penstockRouter,
  type RouterBackend,
  vllmRouter,
} from "../routers/mod.ts";
import type { ReplicaPlace } from "./network.ts";
import { routerPort } from "./network-options.ts";
import { type PlacedProcess, placeProcess } from "./place-process.ts";
import type { PlanContext } from "./plan-context.ts";
import { restartPolicy } from "./restart-policy.ts";
import {
  adminSocket,
  fromWorkingDirectory,
  routerDirectory,
  routerId,
  routerSocketPath,
  sessionsDirectory,
} from "./router-place.ts";
import { listeningConnectorOf } from "./transfer-ports.ts";

/** What stands before one replica. */
export interface RouterPart {
  readonly processes: readonly PlacedProcess[];
  readonly notices: readonly string[];
}

/** vllm-router's own default for its metrics. */
const prometheusPortBase = 29_000;

/** A day: nothing that an agent generates takes longer, and a healthy rank must not look broken. */
const requestTimeoutMs = 86_400_000;

/** The router of one replica, on its first node. */
export function routerPart(place: ReplicaPlace, book: PortBook, context: PlanContext): RouterPart {
  const { router } = context.config;
  switch (router.type) {
    case "penstock":
      return ownRouter(place, router, context);
    case "vllm-router":
      return vllmRouterPart(place, router.policy, { book, context });
    default:
      return llmdPart(place, router, { book, context });
  }
}

function ownRouter(
  place: ReplicaPlace,
  router: RouterOf<"penstock">,
  context: PlanContext,
): RouterPart {
  const { config, inventory } = context;
  const keepsSessions = router.keep_sessions && router.policy === "sticky_least_loaded";
  const spec = penstockRouter({
    ...listening(place, context),
    command: inventory.penstockCommand,
    uds: routerSocketPath(context),
    threads: router.threads,
    policy: router.policy,
    sessionHeaders: router.session_headers,
    sessionsDirectory: keepsSessions ? sessionsDirectory(place, context) : null,
    adminUds: adminSocket(place, context)!.path,
    ...routerLimits(router),
    allowedOrigins: router.allowed_origins,
    accessLog: accessLog(place, router, context),
    apiKeyFile: fromWorkingDirectory(config.server.api_key_file, context),
    sslCertfile: fromWorkingDirectory(config.server.ssl_certfile, context),
    sslKeyfile: fromWorkingDirectory(config.server.ssl_keyfile, context),
    logLevel: config.log.level,
  });
  const own = {
    ...standing(place, context),
    directories: [routerDirectory(place, context)],
    ...(router.drain_timeout !== null && { drainMs: router.drain_timeout * 1_000 }),
  };
  return { processes: [placeProcess(spec, own)], notices: [] };
}

function routerLimits(router: RouterOf<"penstock">) {
  return {
    maxConcurrentRequests: router.max_concurrent_requests,
    queueSize: router.queue_size,
    queueTimeoutSeconds: router.queue_timeout,
    maxPayloadBytes: router.max_payload_size,
    drainSeconds: router.drain_timeout,
  };
}

/** Routers of several replicas write to files of their own. */
function accessLog(
  { replica }: ReplicaPlace,
  { access_log: name }: RouterOf<"penstock">,
  context: PlanContext,
): string | null {
  if (name === null || name === "-") return name;
  const isAlone = context.config.deployment.num_replicas === 1;
  return fromWorkingDirectory(isAlone ? name : `${name}.${replica.index}`, context);
}

interface Surroundings {
  readonly book: PortBook;
  readonly context: PlanContext;
}

type RouterOf<Type> = Extract<Config["router"], { type: Type }>;

function vllmRouterPart(
  place: ReplicaPlace,
  policy: RouterOf<"vllm-router">["policy"],
  { book, context }: Surroundings,
): RouterPart {
  const spec = vllmRouter({
    ...listening(place, context),
    policy,
    logLevel: context.config.log.level,
    prometheusPort: book.take(place.node, prometheusPortBase),
    ranksPerUrl: 1,
    kvConnector: isMooncake(context) ? "mooncake" : "nixl",
    requestTimeoutMs,
  });
  return { processes: [placeProcess(spec, standing(place, context))], notices: [] };
}

function isMooncake({ config }: PlanContext): boolean {
  return listeningConnectorOf(config, "prefill") === "MooncakeConnector";
}

function llmdPart(
  place: ReplicaPlace,
  router: RouterOf<"llm-d">,
  { book, context }: Surroundings,
): RouterPart {
  const id = routerId(place);
  const { epp, envoy, warnings } = llmdRouter({
    ...listening(place, context),
    ports: llmdPorts(place.node, book),
    scorers: router.scorers,
    prefillScorerOverrides: router.prefill_scorer_overrides,
    decodeScorerOverrides: router.decode_scorer_overrides,
    nonCachedTokens: router.non_cached_tokens,
    outputDirectory: context.outputDirectory,
    directory: id,
  });
  const where = standing(place, context);
  const picker = { ...where, id: `${id}-epp`, kind: "sidecar" } as const;
  return {
    processes: [placeProcess(epp, picker), placeProcess(envoy, { ...where, after: [picker.id] })],
    notices: warnings,
  };
}

function llmdPorts(node: number, book: PortBook): LlmdPorts {
  return {
    eppGrpc: book.take(node, llmdDefaultPorts.eppGrpc),
    eppHealth: book.take(node, llmdDefaultPorts.eppHealth),
    eppMetrics: book.take(node, llmdDefaultPorts.eppMetrics),
    envoyAdmin: book.take(node, llmdDefaultPorts.envoyAdmin),
  };
}

function listening(place: ReplicaPlace, context: PlanContext) {
  return {
    host: context.routerHostOf(place.node),
    port: routerPort(context).port,
    backends: backendsOf(place, context),
    startTimeoutMs: context.startTimeoutMs,
  };
}

function standing(place: ReplicaPlace, context: PlanContext) {
  return {
    node: place.node,
    id: routerId(place),
    kind: "router",
    replica: place.replica.index,
    flag: routerPort(context).flag,
    after: [],
    restart: restartPolicy(context.config),
  } as const;
}

function backendsOf({ instances }: ReplicaPlace, context: PlanContext): readonly RouterBackend[] {
  const hasBootstrap = isMooncake(context);
  return instances.flatMap(({ instance, ranks }) =>
    ranks.map(({ rank, host, entryPort, transferPort }) => ({
      id: rank.id,
      role: instance.role,
      host,
      port: entryPort,
      bootstrapPort: hasBootstrap ? transferPort : null,
    })),
  );
}
