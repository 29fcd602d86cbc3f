export { defaultLimits, type ServerLimits } from "./limits.ts";
export type { EngineServer, EngineServerOptions } from "./options.ts";
export { startEngineServer } from "./start-engine-server.ts";
