export {
  rayApp,
  type RayApp,
  type RayAppOptions,
  type RayEngine,
  type RayEngines,
} from "./ray-app.ts";
