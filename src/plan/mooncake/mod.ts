export {
  type MooncakeClient,
  mooncakeDefaultLeaseMs,
  mooncakeDefaultPorts,
  type MooncakeOptions,
  type MooncakePorts,
  mooncakeStore,
  type MooncakeStore,
} from "./mooncake-store.ts";
