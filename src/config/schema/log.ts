import { z } from "zod";

export const logSchema = z.strictObject({
  level: z.enum(["debug", "info", "warning", "error"]).default("info").meta({
    description: "Lowest level of the lines that engines and router write to their logs.",
  }),
});
