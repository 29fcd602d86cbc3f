import { z } from "zod";

export const routerSchema = z.strictObject({
  policy: z.enum(["consistent_hash", "round_robin"]).default("consistent_hash").meta({
    description:
      "How a rank is chosen: consistent_hash keeps a session (X-Session-ID) on its rank, round_robin takes turns.",
  }),
});
