import type { Inventory } from "../inventory.ts";

/** A machine that golden Plans can be compared on. */
export const testInventory: Inventory = {
  coreCount: 4,
  modelDirectory: "/models/m",
  penstockCommand: ["node", "penstock.js"],
  workingDirectory: "/project",
  vllmVersion: null,
  isMoe: null,
  busyPorts: [],
};
