import { z } from "zod";

/** A TCP port. */
export const port = z.int().min(1).max(65_535);

/** A host name or an address, as argument vectors and URLs take it. */
export const host = z
  .string()
  .regex(/^[A-Za-z0-9._:%-]+$/)
  .meta({ expected: "an IP address or a host name" });

/** One line of text that is not empty. */
export const line = z
  .string()
  .regex(/^[^\r\n\0]+$/)
  .meta({ expected: "one line of text" });

/** A path; empty text names nothing. */
export const path = z
  .string()
  .regex(/^[^\0]+$/)
  .meta({ expected: "a path" });

/** Environment variables by their names. */
export const envVars = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
  z.string().regex(/^[^\0]*$/),
);

/** Keys that somebody else reads: any names, any JSON values. */
export const freeTable = z.record(z.string(), z.json());
