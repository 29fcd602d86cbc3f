export { deepFreeze, type DeepReadonly } from "./deep-freeze.ts";
export { GatheredBytes } from "./gathered-bytes.ts";
export { isTable } from "./is-table.ts";
export { makeDirectories } from "./make-directories.ts";
export { nearestWord } from "./nearest-word.ts";
export { parseJson } from "./parse-json.ts";
export { printable } from "./printable.ts";
export { urlOf } from "./url-of.ts";
