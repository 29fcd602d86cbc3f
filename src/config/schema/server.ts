import { z } from "zod";

/** Rank number R listens on `server.port` + this + R. */
export const rankPortOffset = 100;

export const serverSchema = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9._:%-]+$/)
    .default("127.0.0.1")
    .meta({
      expected: "an IP address or a host name",
      description:
        "Address the router listens on; 0.0.0.0 opens it to the network, where everybody who reaches the port can use it.",
    }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .default(8000)
    .meta({
      unit: "TCP port",
      description: `Port of the router; rank number R listens on this port + ${rankPortOffset} + R.`,
    }),
});
