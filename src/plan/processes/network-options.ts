import type { Config } from "../../config/mod.ts";
import type { NetworkOptions, PortBase } from "./network.ts";
import type { PlanContext } from "./plan-context.ts";
import { embeddedTransferPorts, portMin, transferPorts } from "./transfer-ports.ts";

/** Rank number R of a node listens on the router's port + this + R. */
const rankPortOffset = 100;
/** Sidecars count up from as far above the first rank. */
const sidecarPortOffset = 100;
const eventsPortBase = 5_557;
const rpcFlag = "--parallel.data-parallel-rpc-port";

/** Where ports begin, and which flags move them. */
export function networkOptions(context: PlanContext): NetworkOptions {
  const { config, hostOf } = context;
  return {
    hostOf,
    http: {
      both: rankPorts(context),
      prefill: workerPorts(context, "prefill"),
      decode: workerPorts(context, "decode"),
    },
    sidecar: { both: null, prefill: null, decode: sidecarPorts(context) },
    rpc: { port: config.parallel.data_parallel_rpc_port, flag: rpcFlag },
    events: publishesKvEvents(config) && context.engine === "vllm" ? kvEvents(config) : null,
    transfer: ({ role, tp, isGroup, ranks }) =>
      context.engine === "embedded"
        ? embeddedTransferPorts(config, role)
        : transferPorts(config, role, { tp, dataParallelSize: isGroup ? ranks.length : 1 }),
  };
}

/** Whether the router goes by what the ranks tell of their KV blocks. */
export function publishesKvEvents({ router }: Config): boolean {
  return router.type === "vllm-router" && router.policy === "kv_aware";
}

/** vLLM adds the rank: room for it is left below, as for the hand-over of KV blocks. */
function kvEvents({ parallel }: Config): PortBase {
  return { port: Math.max(eventsPortBase, portMin + parallel.dp), flag: "--router.policy" };
}

/** The port that clients use. */
export function routerPort({ config }: PlanContext): PortBase {
  const fixed = config.pd_disagg?.proxy_port ?? null;
  return fixed === null
    ? { port: config.server.port, flag: "--server.port" }
    : { port: fixed, flag: "--pd-disagg.proxy-port" };
}

function rankPorts(context: PlanContext): PortBase {
  const fixed = context.config.deployment.backend_port;
  if (fixed !== null) return { port: fixed, flag: "--deployment.backend-port", isFixed: true };
  const { port, flag } = routerPort(context);
  return { port: port + rankPortOffset, flag };
}

function workerPorts(context: PlanContext, role: "prefill" | "decode"): PortBase {
  const fixed = context.config.pd_disagg?.[`${role}_port`] ?? null;
  return fixed === null
    ? rankPorts(context)
    : { port: fixed, flag: `--pd-disagg.${role}-port`, isFixed: true };
}

/** Only llm-d has sidecars: its gateway knows nothing of prefill and decode, so the decode rank's sidecar does. */
function sidecarPorts(context: PlanContext): PortBase | null {
  if (context.config.router.type !== "llm-d") return null;
  const { port, flag } = workerPorts(context, "decode");
  return { port: port + sidecarPortOffset, flag };
}
