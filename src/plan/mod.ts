export type { Inventory } from "./inventory.ts";
export { makePlan } from "./make-plan.ts";
export type * from "./types.ts";
