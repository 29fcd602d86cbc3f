import assert from "node:assert/strict";
import { test } from "node:test";
import { kvEventsFlags } from "./kv-events.ts";

test("kvEventsFlags() binds the publisher, moved for an independent server", () => {
  assert.deepEqual(kvEventsFlags({ port: 5557 }, 3), {
    "--kv-events-config": {
      enable_kv_cache_events: true,
      publisher: "zmq",
      endpoint: "tcp://*:5560",
    },
  });
});

test("kvEventsFlags() adds replay, topic and buffer", () => {
  const flags = kvEventsFlags({ port: 1, replayPort: 2, topic: "t", bufferSteps: 3 }, 0);
  assert.deepEqual(flags["--kv-events-config"], {
    enable_kv_cache_events: true,
    publisher: "zmq",
    endpoint: "tcp://*:1",
    replay_endpoint: "tcp://*:2",
    topic: "t",
    buffer_steps: 3,
  });
});

test("kvEventsFlags() is empty without events", () => {
  assert.deepEqual(kvEventsFlags(null, 0), {});
});
