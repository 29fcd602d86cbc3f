import { type JsonMember, type JsonObject, scanDocument, scanObject } from "./scan-json.ts";
import { type Splice, spliceObject } from "./splice-object.ts";

/** What only a router may say to an engine: where blocks of KV and encoder caches lie. Engines trust it. */
export const internalKeys: ReadonlySet<string> = new Set([
  "kv_transfer_params",
  "ec_transfer_params",
]);

/** Maps below an object in which vLLM looks for internal fields, each with those below it. */
interface Places {
  readonly [key: string]: Places;
}

/**
 * vLLM keeps the parameters in `extra_args` of its sampling parameters: /inference/v1/generate takes these as they
 * are, and the OpenAI routes copy `vllm_xargs` there.
 */
const placesOfRequest: Places = { vllm_xargs: {}, sampling_params: { extra_args: {} } };

/** What takes the internal fields out of the request that was scanned in these bytes. */
export function internalFieldsSplice(
  bytes: Buffer,
  object: JsonObject,
): Required<Splice> & { readonly isNeeded: boolean } {
  return spliceOf(bytes, object, placesOfRequest);
}

/**
 * A request's body without internal fields, all else byte for byte; undefined where it has none.
 * @throws JsonFault for a body that is no JSON object
 */
export function withoutInternalFields(body: Buffer): readonly Buffer[] | undefined {
  const object = scanDocument(body);
  const splice = internalFieldsSplice(body, object);
  return splice.isNeeded ? spliceObject(body, object, splice) : undefined;
}

function spliceOf(bytes: Buffer, object: JsonObject, places: Places) {
  const replaced = Object.entries(places).flatMap(([key, below]) => {
    const value = cleanedValue(
      bytes,
      object.members.filter((member) => member.key === key),
      below,
    );
    return value === undefined ? [] : [[key, value] as const];
  });
  const isNeeded = replaced.length > 0 || object.members.some(({ key }) => internalKeys.has(key));
  return {
    isNeeded,
    without: new Set([...internalKeys, ...replaced.map(([key]) => key)]),
    with: replaced,
  };
}

/** What is to stand for a map that may come more than once: the last, cleaned. Undefined where all are clean. */
function cleanedValue(
  bytes: Buffer,
  maps: readonly JsonMember[],
  places: Places,
): readonly Buffer[] | undefined {
  const cleaned = maps.map(({ valueStart, valueEnd }) => {
    if (bytes[valueStart] !== braceOpen) return { value: [bytes.subarray(valueStart, valueEnd)] };
    const object = scanObject(bytes, valueStart);
    const splice = spliceOf(bytes, object, places);
    return { isDirty: splice.isNeeded, value: spliceObject(bytes, object, splice) };
  });
  return cleaned.some(({ isDirty }) => isDirty) ? cleaned.at(-1)!.value : undefined;
}

const braceOpen = 0x7b;
