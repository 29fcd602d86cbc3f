export { defaultSessionHeaders } from "./choose/session-key.ts";
export type { PolicyName } from "./choose/policy.ts";
export type { ApiKeySource } from "./guard/key-guard.ts";
export type { CertificateFiles } from "./guard/read-certificate.ts";
export { defaultRouterLimits, type RouterLimits } from "./limits.ts";
export { defaultHealthOptions, type HealthOptions } from "./ranks/health-checks.ts";
export type { RankOption, RankRole, RankStatus } from "./ranks/rank-table.ts";
export { type Router, type RouterOptions, startRouter } from "./start-router.ts";
