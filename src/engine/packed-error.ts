import { catalogue, isPenstockError, PenstockError } from "../errors/mod.ts";
import type { ErrorCode } from "../errors/mod.ts";

/**
 * An error as plain data. Structured cloning drops the class and the own fields of an error, so one that
 * crosses threads as itself would lose its code.
 */
export interface PackedError {
  readonly message: string;
  readonly stack?: string;
  /** Both are there for a PenstockError, and only then. */
  readonly code?: ErrorCode;
  readonly facts?: unknown;
  readonly cause?: PackedError;
}

/** Causes of causes that cross; a chain that bites its tail ends here. */
export const causeDepthMax = 8;

export function packError(error: unknown, causeDepth = 0): PackedError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, stack, cause } = error;
  return {
    message,
    ...(stack === undefined ? {} : { stack }),
    ...(isPenstockError(error) ? { code: error.code, facts: error.facts } : {}),
    ...(cause === undefined || causeDepth >= causeDepthMax
      ? {}
      : { cause: packError(cause, causeDepth + 1) }),
  };
}

/** The error again: of a PenstockError code and facts, from which message and hint follow. */
export function unpackError(packed: PackedError): Error {
  const options = packed.cause === undefined ? {} : { cause: unpackError(packed.cause) };
  const error =
    packed.code !== undefined && Object.hasOwn(catalogue, packed.code)
      ? new PenstockError(packed.code, packed.facts as never, options)
      : new Error(packed.message, options);
  if (packed.stack !== undefined) error.stack = packed.stack;
  return error;
}
