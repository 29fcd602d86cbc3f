export { catalogue, type ErrorCode, type FactsOf } from "./catalogue.ts";
export type { ErrorDefinition } from "./definition.ts";
export { isPenstockError, PenstockError } from "./penstock-error.ts";
