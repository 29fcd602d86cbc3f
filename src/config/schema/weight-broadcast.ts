import { z } from "zod";
import { host, port } from "./scalars.ts";

/** How new weights come from a trainer. */
export const weightBroadcastSchema = z.strictObject({
  type: z.enum(["filesystem", "nccl"]).default("filesystem").meta({
    description:
      "How ranks receive new weights: from files that all nodes see, or from the trainer's GPUs.",
  }),
  host: host.nullable().default(null).meta({
    expected: "an IP address or a host name",
    description: "Address where the trainer waits with nccl; None takes what the trainer says.",
  }),
  port: port.default(29_501).meta({
    unit: "TCP port",
    description: "Port where the trainer waits with nccl.",
  }),
  timeout: z.int().min(1).max(86_400).default(1200).meta({
    unit: "seconds",
    description: "How long a rank waits for the other side.",
  }),
});
