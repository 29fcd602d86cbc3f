/**
 * One entry of the catalogue. The message names the action that failed, then, behind a colon, the present
 * state and the wanted one; values stand in double quotes; no full stop, no contraction. The hint says what to do.
 */
export interface ErrorDefinition<Facts> {
  /** When this error appears: one sentence for the reference page. */
  readonly about: string;
  readonly message: (facts: Facts) => string;
  readonly hint: (facts: Facts) => string;
}

/** Lets TypeScript keep the type of the facts while the entry stands in a plain object. */
export function define<Facts>(definition: ErrorDefinition<Facts>): ErrorDefinition<Facts> {
  return definition;
}
