import { define } from "../definition.ts";

export const routerErrors = {
  ROUTER_CANNOT_LISTEN: define<{ host: string; port: number; reason: string }>({
    about: "The router cannot open the address that clients are to use.",
    message: ({ host, port, reason }) =>
      `Cannot start the router: listening on "${host}" port ${port} failed with ${reason}`,
    hint: ({ port }) =>
      `Free port ${port} or choose another with --server.port; the host must be an address of this machine`,
  }),
  ROUTER_CANNOT_LISTEN_ON_SOCKET: define<{ path: string; reason: string }>({
    about: "The router cannot open the Unix socket that clients are to use.",
    message: ({ path, reason }) =>
      `Cannot start the router: listening on the Unix socket "${path}" failed: ${reason}`,
    hint: () =>
      "Name a path of at most 107 bytes in a directory that exists and that the router may write to, where no other process listens",
  }),
  ROUTER_THREAD_FAILED: define<{ reason: string }>({
    about: "A further thread of the router did not come up.",
    message: ({ reason }) => `Cannot start the router: one of its threads failed: ${reason}`,
    hint: () => "Start it with fewer threads (--threads), or see the reason",
  }),
  ROUTER_API_KEYS_UNUSABLE: define<{ source: string; reason: string }>({
    about: "The API keys that clients must show cannot be read, or are not kept from other users.",
    message: ({ source, reason }) => `Cannot read the API keys from ${source}: ${reason}`,
    hint: () =>
      "Write one key a line, each of 1 to 512 visible ASCII characters, into a file that only its owner may read (chmod 600)",
  }),
  ROUTER_CERTIFICATE_UNUSABLE: define<{ path: string; reason: string }>({
    about: "The certificate or private key for TLS on the router's port cannot be used.",
    message: ({ path, reason }) => `Cannot use "${path}" for TLS: ${reason}`,
    hint: () =>
      "Give the certificate and the private key that belongs to it as PEM files, with --server.ssl_certfile and --server.ssl_keyfile",
  }),
  ROUTER_ACCESS_LOG_UNUSABLE: define<{ path: string; reason: string }>({
    about: "The file for the router's access log cannot be opened.",
    message: ({ path, reason }) =>
      `Cannot write the access log: opening "${path}" failed with ${reason}`,
    hint: () =>
      'Give a file in a directory that exists and may be written, or "-" for standard output',
  }),
  ROUTER_SESSIONS_UNUSABLE: define<{ directory: string; reason: string }>({
    about:
      "The directory where sessions outlive the router cannot be used, or another router uses it.",
    message: ({ directory, reason }) => `Cannot keep sessions in "${directory}": ${reason}`,
    hint: () => "Give a directory that the router may write and that no other router uses",
  }),
  ROUTER_RANKS_INVALID: define<{ reason: string }>({
    about: "The router is given no ranks, or two ranks with the same index.",
    message: ({ reason }) => `Cannot start the router: ${reason}`,
    hint: () => "Give each rank once, with an index of its own",
  }),
  ROUTER_RANK_NOT_ADDED: define<{ index: number; reason: string }>({
    about: "A running router cannot take another rank in.",
    message: ({ index, reason }) => `Cannot add rank ${index} to the router: ${reason}`,
    hint: () => "Remove a rank first, or give an index and a role that fit the ranks it has",
  }),
  ROUTER_RANK_INVALID: define<{ index: number; url: string; reason: string }>({
    about: "The URL or the index of a rank is not usable.",
    message: ({ index, url, reason }) => `Cannot route to rank ${index} at "${url}": ${reason}`,
    hint: () => 'Give a URL of the form "http://host:port" and an index of 0 or more',
  }),
} as const;
