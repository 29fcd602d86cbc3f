import assert from "node:assert/strict";
import { test } from "node:test";
import { envoyConfig } from "./envoy-config.ts";

const text = JSON.stringify(
  envoyConfig({ host: "0.0.0.0", port: 8000, adminPort: 9901, eppGrpcPort: 9002 }),
);

test("envoyConfig() follows the header that the endpoint picker sets, and takes it from clients", () => {
  assert.match(text, /"http_header_name":"x-gateway-destination-endpoint"/);
  assert.match(text, /\{"remove":"x-gateway-destination-endpoint"\}/);
  assert.match(text, /\{"remove":"x-prefiller-host-port"\}/);
});

test("envoyConfig() raises the limit of requests in flight of both clusters", () => {
  assert.equal(text.match(/"max_requests":100000/g)?.length, 2);
});

test("envoyConfig() opens to clients only what they are to reach", () => {
  const addresses = [...text.matchAll(/"address":"([^"]+)","port_value":(\d+)/g)];
  assert.deepEqual(
    addresses.map(([, host, port]) => `${host}:${port}`),
    ["127.0.0.1:9901", "0.0.0.0:8000", "127.0.0.1:9002"],
  );
});
