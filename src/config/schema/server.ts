import { z } from "zod";
import { host, port } from "./scalars.ts";

/** Rank number R of a node listens on `server.port` + this + R unless `deployment.backend_port` says otherwise. */
export const rankPortOffset = 100;

export const serverSchema = z.strictObject({
  host: host.default("127.0.0.1").meta({
    expected: "an IP address or a host name",
    description:
      "Address the router listens on; 0.0.0.0 opens it to the network, where everybody who reaches the port can use it.",
  }),
  port: port.default(8000).meta({
    unit: "TCP port",
    description: `Port of the router; rank number R of a node listens on this port + ${rankPortOffset} + R.`,
  }),
});
