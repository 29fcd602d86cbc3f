import { catalogue, type ErrorCode, type FactsOf } from "./catalogue.ts";

/**
 * The error of everything that can go wrong in operation, as opposed to a bug, which asserts.
 * Users match on `code`: it is stable, while the wording may improve.
 *
 * @example
 * throw new PenstockError("PORT_IN_USE", { port: 8000, purpose: "the router", holder: "pid 12 (nginx)" });
 */
export class PenstockError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "PenstockError";
  readonly code: Code;
  readonly facts: FactsOf<Code>;
  /** What the reader can do about it: one sentence. */
  readonly hint: string;

  constructor(code: Code, facts: FactsOf<Code>, options?: { readonly cause?: unknown }) {
    const definition = catalogue[code];
    super(definition.message(facts as never), options);
    this.code = code;
    this.facts = facts;
    this.hint = definition.hint(facts as never);
  }
}

/** Tells an operating error of ours from anything else, also across copies of the package. */
export function isPenstockError(value: unknown): value is PenstockError {
  return value instanceof Error && value.name === "PenstockError" && "code" in value;
}
