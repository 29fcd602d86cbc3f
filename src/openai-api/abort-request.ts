import * as z from "zod";
import { ApiError } from "./api-error.ts";
import { abortIdsMax } from "./limits.ts";
import { parseFields } from "./parse-fields.ts";

const schema = z.object({ request_ids: z.array(z.string()).max(abortIdsMax) });

/**
 * The response ids that a `POST /inference/v1/abort_requests` names.
 *
 * @throws ApiError 400.
 */
export function parseAbortRequest(body: Readonly<Record<string, unknown>>): readonly string[] {
  if ((body["request_ids"] ?? null) === null)
    throw new ApiError(400, "Missing 'request_ids' in request body", { type: "Bad Request" });
  return parseFields(schema, body).request_ids;
}
