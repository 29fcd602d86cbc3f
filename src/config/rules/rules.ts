import { apiServers } from "./api-servers.ts";
import { disaggregatedDefaults } from "./disaggregated-defaults.ts";
import { embeddedEngine } from "./embedded-engine.ts";
import { embeddedHandover } from "./embedded-handover.ts";
import { expertParallel } from "./expert-parallel.ts";
import type { Rule } from "./finding.ts";
import { gpuCount } from "./gpu-count.ts";
import { kvConnector } from "./kv-connector.ts";
import { launch } from "./launch.ts";
import { localNodes } from "./local-nodes.ts";
import { loraLimits } from "./lora-limits.ts";
import { modelParsers } from "./model-parsers.ts";
import { needsSlurm } from "./needs-slurm.ts";
import { offloadTiers } from "./offload-tiers.ts";
import { p2pNccl } from "./p2p-nccl.ts";
import { pdDisaggGpus } from "./pd-disagg-gpus.ts";
import { pdDisaggPorts } from "./pd-disagg-ports.ts";
import { pdDisaggShape } from "./pd-disagg-shape.ts";
import { portRange } from "./port-range.ts";
import { prefixCaching } from "./prefix-caching.ts";
import { protectedEnvVars } from "./protected-env-vars.ts";
import { rlNodes } from "./rl-nodes.ts";
import { routerAddress } from "./router-address.ts";
import { routedExperts } from "./routed-experts.ts";
import { routerDrain } from "./router-drain.ts";
import { routerReplay } from "./router-replay.ts";
import { routerSecurity } from "./router-security.ts";
import { routerSocket } from "./router-socket.ts";
import { scorerNames } from "./scorer-names.ts";
import { stepSize } from "./step-size.ts";
import { vllmExtra } from "./vllm-extra.ts";
import { weightBroadcast } from "./weight-broadcast.ts";
import { wideExpertParallel } from "./wide-expert-parallel.ts";

/**
 * In the order in which they are asked: a rule sees what the ones before it adjusted, so those that settle
 * keys come first.
 */
export const rules: readonly Rule[] = [
  launch,
  rlNodes,
  routerReplay,
  pdDisaggShape,
  disaggregatedDefaults,
  wideExpertParallel,
  prefixCaching,
  loraLimits,
  apiServers,
  kvConnector,
  p2pNccl,
  embeddedEngine,
  embeddedHandover,
  needsSlurm,
  localNodes,
  routerAddress,
  routerSecurity,
  routerSocket,
  routerDrain,
  gpuCount,
  pdDisaggGpus,
  pdDisaggPorts,
  portRange,
  offloadTiers,
  routedExperts,
  expertParallel,
  weightBroadcast,
  protectedEnvVars,
  scorerNames,
  modelParsers,
  stepSize,
  vllmExtra,
];
