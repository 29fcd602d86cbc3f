import { z } from "zod";

export const embeddedSchema = z.strictObject({
  threads: z.int().min(1).max(1024).nullable().default(null).meta({
    unit: "threads per rank",
    description:
      "Compute threads of one embedded engine; None takes the rank's share of the machine's cores, and fewer for a small model.",
  }),
});
