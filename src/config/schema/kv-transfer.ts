import { z } from "zod";
import { freeTable, host, line, port } from "./scalars.ts";

/** vLLM's KVTransferConfig; what is None is not passed on. */
export const kvTransferSchema = z.strictObject({
  kv_connector: line.default("NixlConnector").meta({
    description: "Class that moves KV blocks between instances or to other storage.",
  }),
  kv_role: z.enum(["kv_producer", "kv_consumer", "kv_both"]).nullable().default(null).meta({
    description: "Whether an instance gives blocks, takes them or both; None follows its role.",
  }),
  kv_buffer_device: z.enum(["cuda", "cpu", "xpu"]).nullable().default(null).meta({
    description: "Where blocks wait for their journey; None takes the device that computes.",
  }),
  kv_buffer_size: z.number().min(0).nullable().default(null).meta({
    unit: "bytes",
    description: "Size of that buffer, for connectors that have one; None takes vLLM's 1e9.",
  }),
  kv_rank: z.int().min(0).max(4096).nullable().default(null).meta({
    description: "Rank of the instance, for P2pNcclConnector: 0 prefills, 1 decodes.",
  }),
  kv_parallel_size: z.int().min(1).max(4096).nullable().default(null).meta({
    unit: "instances",
    description: "Instances that are connected, for P2pNcclConnector: 2.",
  }),
  kv_ip: host.nullable().default(null).meta({
    expected: "an IP address or a host name",
    description: "Address of the connector's own channel; None takes the node's.",
  }),
  kv_port: port.nullable().default(null).meta({
    unit: "TCP port",
    description: "First port of the connector's own channel; None lets the plan choose.",
  }),
  kv_connector_extra_config: freeTable.default({}).meta({
    description: "Settings of the connector itself.",
  }),
  kv_connector_module_path: line.nullable().default(null).meta({
    description: "Python module of a connector that vLLM does not bring along.",
  }),
  kv_load_failure_policy: z.enum(["recompute", "fail"]).default("recompute").meta({
    description:
      "What becomes of a request whose blocks do not arrive: prefill again, or an error.",
  }),
  enable_permute_local_kv: z.boolean().default(false).meta({
    description: "Let instances with different layouts of the KV cache exchange blocks.",
  }),
  engine_id: line.nullable().default(null).meta({
    description: "Prefix of the instances' ids, which the plan makes unique; None takes the job's.",
  }),
});
