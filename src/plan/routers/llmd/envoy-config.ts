export interface EnvoyConfigOptions {
  /** Where clients come in. */
  readonly host: string;
  readonly port: number;
  /** Of Envoy's admin interface, on loopback. */
  readonly adminPort: number;
  /** Of the endpoint picker, on loopback. */
  readonly eppGrpcPort: number;
}

const destinationHeader = "x-gateway-destination-endpoint";

/**
 * Headers that say where a request goes. They are for the endpoint picker to set: a client that could would send the
 * gateway, or the sidecar behind it, to any address it likes.
 */
const routingHeaders = [
  destinationHeader,
  "x-prefiller-host-port",
  "x-encoder-hosts-ports",
  "x-kv-cache-source-host-port",
];

/** Above what any deployment has in flight: Envoy's own limit of 1024 turns the requests beyond it away. */
const inFlightMax = 100_000;
const circuit_breakers = {
  thresholds: [
    { max_connections: inFlightMax, max_pending_requests: inFlightMax, max_requests: inFlightMax },
  ],
};

/** Routes have no deadline of their own, since a generation has none; an idle stream ends after a day. */
const route = { cluster: "ranks", timeout: "0s", idle_timeout: "86400s" };

/**
 * Envoy's bootstrap configuration for llm-d: a request's body streams through the endpoint picker (`ext_proc`), which
 * names the rank in a header that the `ORIGINAL_DST` cluster follows.
 */
export function envoyConfig(options: EnvoyConfigOptions): object {
  return {
    admin: { address: address("127.0.0.1", options.adminPort) },
    static_resources: {
      listeners: [
        {
          name: "clients",
          address: address(options.host, options.port),
          filter_chains: [{ filters: [connectionManager()] }],
        },
      ],
      clusters: [ranksCluster(), pickerCluster(options.eppGrpcPort)],
    },
  };
}

function connectionManager(): object {
  return {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type": typeUrl("filters.network.http_connection_manager.v3.HttpConnectionManager"),
      stat_prefix: "clients",
      stream_idle_timeout: "0s",
      request_timeout: "0s",
      normalize_path: true,
      early_header_mutation_extensions: [removeHeaders(routingHeaders)],
      route_config: {
        virtual_hosts: [
          {
            name: "ranks",
            domains: ["*"],
            routes: ["/v1/", "/inference/v1/"].map((prefix) => ({ match: { prefix }, route })),
          },
        ],
      },
      http_filters: [pickerFilter(), routerFilter()],
    },
  };
}

/** Runs before every filter, so that it removes what clients sent and leaves what the endpoint picker sets. */
function removeHeaders(headers: readonly string[]): object {
  return {
    name: "envoy.http.early_header_mutation.header_mutation",
    typed_config: {
      "@type": typeUrl("http.early_header_mutation.header_mutation.v3.HeaderMutation"),
      mutations: headers.map((remove) => ({ remove })),
    },
  };
}

function pickerFilter(): object {
  return {
    name: "envoy.filters.http.ext_proc",
    typed_config: {
      "@type": typeUrl("filters.http.ext_proc.v3.ExternalProcessor"),
      grpc_service: { envoy_grpc: { cluster_name: "endpoint-picker" }, timeout: "10s" },
      processing_mode: {
        request_header_mode: "SEND",
        response_header_mode: "SEND",
        request_body_mode: "FULL_DUPLEX_STREAMED",
        response_body_mode: "FULL_DUPLEX_STREAMED",
        request_trailer_mode: "SEND",
        response_trailer_mode: "SEND",
      },
      message_timeout: "1000s",
    },
  };
}

function routerFilter(): object {
  return {
    name: "envoy.filters.http.router",
    typed_config: {
      "@type": typeUrl("filters.http.router.v3.Router"),
      suppress_envoy_headers: true,
    },
  };
}

function ranksCluster(): object {
  return {
    name: "ranks",
    type: "ORIGINAL_DST",
    lb_policy: "CLUSTER_PROVIDED",
    original_dst_lb_config: { use_http_header: true, http_header_name: destinationHeader },
    connect_timeout: "5s",
    circuit_breakers,
  };
}

function pickerCluster(port: number): object {
  return {
    name: "endpoint-picker",
    type: "STATIC",
    connect_timeout: "5s",
    circuit_breakers,
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": typeUrl("upstreams.http.v3.HttpProtocolOptions"),
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: {
      cluster_name: "endpoint-picker",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address("127.0.0.1", port) } }] }],
    },
  };
}

function address(host: string, port: number): object {
  return { socket_address: { address: host, port_value: port } };
}

function typeUrl(extension: string): string {
  return `type.googleapis.com/envoy.extensions.${extension}`;
}
