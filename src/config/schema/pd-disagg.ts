import { z } from "zod";
import { roleKeys } from "./roles.ts";
import { host, port } from "./scalars.ts";

const gpuIds = z.array(z.int().min(0).max(1023)).min(1).max(1024);
const fixedPort = port.nullable().default(null);

/** Prefill and decode workers on the GPUs of one machine. */
export const pdDisaggSchema = z.strictObject({
  prefill_gpu_ids: gpuIds.default([0]).meta({
    unit: "GPU numbers",
    description: "GPUs that prefill; each tp neighbours in the list are one worker.",
  }),
  decode_gpu_ids: gpuIds.default([1]).meta({
    unit: "GPU numbers",
    description: "GPUs that decode; each tp neighbours in the list are one worker.",
  }),
  ...roleKeys,
  kv_connector: z
    .enum(["NixlConnector", "P2pNcclConnector", "LMCacheConnectorV1", "MooncakeConnector"])
    .nullable()
    .default(null)
    .meta({
      description:
        "Class that moves KV blocks from prefill to decode workers; None takes that of kv_transfer, else NixlConnector.",
    }),
  kv_send_type: z.enum(["PUT_ASYNC", "PUT", "GET"]).default("PUT_ASYNC").meta({
    description: "How P2pNcclConnector hands blocks over; other connectors do not read it.",
  }),
  auto_ports: z.boolean().default(true).meta({
    description: "Choose ports that do not collide; false needs every port below.",
  }),
  host: host.nullable().default(null).meta({
    expected: "an IP address or a host name",
    description: "Address of router and workers; None takes server.host.",
  }),
  proxy_port: fixedPort.meta({ unit: "TCP port", description: "Port of the router." }),
  prefill_port: fixedPort.meta({
    unit: "TCP port",
    description: "Port of the first prefill worker, the next ones follow.",
  }),
  decode_port: fixedPort.meta({
    unit: "TCP port",
    description: "Port of the first decode worker, the next ones follow.",
  }),
  prefill_kv_port: fixedPort.meta({
    unit: "TCP port",
    description: "First port for KV blocks on the prefill side.",
  }),
  decode_kv_port: fixedPort.meta({
    unit: "TCP port",
    description: "First port for KV blocks on the decode side.",
  }),
});
