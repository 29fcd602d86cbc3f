import { z } from "zod";
import { host, path, port, socketPath } from "./scalars.ts";

/** Rank number R of a node listens on `server.port` + this + R unless `deployment.backend_port` says otherwise. */
export const rankPortOffset = 100;

export const serverSchema = z.strictObject({
  host: host.default("127.0.0.1").meta({
    expected: "an IP address or a host name",
    description:
      "Address the router listens on; 0.0.0.0 opens it to the network, where everybody who reaches the port can use it unless there are API keys.",
  }),
  api_key_file: path.nullable().default(null).meta({
    description:
      "File of the API keys that clients must show, one a line, which only its owner may read; the router reads it again when it changes. None takes the environment's PENSTOCK_API_KEY or VLLM_API_KEY; without those no key is asked for.",
  }),
  port: port.default(8000).meta({
    unit: "TCP port",
    description: `Port of the router; rank number R of a node listens on this port + ${rankPortOffset} + R.`,
  }),
  uds: socketPath.nullable().default(null).meta({
    description:
      "Unix socket that the router listens on, in place of host and port; for clients on its own machine, and for Penstock's own router before one replica.",
  }),
  ssl_certfile: path.nullable().default(null).meta({
    description:
      "PEM file of the router's certificate, followed by those between it and one that clients trust: the router then speaks TLS, and reads the file again when it changes.",
  }),
  ssl_keyfile: path.nullable().default(null).meta({
    description:
      "PEM file of the certificate's private key, without a passphrase; None finds it in ssl_certfile.",
  }),
});
