import type * as z from "zod";
import { invalidBody } from "./api-error.ts";

/**
 * Checks the types of a body's fields; fields that the schema does not name are dropped, as vLLM ignores them.
 *
 * @throws ApiError 400 `Bad Request` that lists the mistakes.
 */
export function parseFields<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const result = schema.safeParse(body, {
    error: ({ input }) => (input === undefined ? "Field required" : undefined),
  });
  if (result.success) return result.data;
  throw invalidBody(result.error.issues);
}
