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

/** The longest path of a Unix socket that Linux takes: 108 bytes with the NUL behind it (unix(7)). */
const socketPathBytesMax = 107;

/** The path of a Unix socket. */
export const socketPath = path
  .refine((text) => Buffer.byteLength(text) <= socketPathBytesMax)
  .meta({ expected: `a path of at most ${socketPathBytesMax} bytes` });

/** The name of an HTTP header, a token of RFC 9110. */
export const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/)
  .meta({ expected: "the name of a header" });

/** The origin of web pages as browsers send it, such as `https://chat.example`, or `*` for all. */
export const webOrigin = z
  .string()
  .refine((text) => text === "*" || (URL.canParse(text) && new URL(text).origin === text))
  .meta({ expected: 'an origin such as "https://chat.example", or "*"' });

/** Environment variables by their names. */
export const envVars = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
  z.string().regex(/^[^\0]*$/),
);

/** Keys that somebody else reads: any names, any JSON values. */
export const freeTable = z.record(z.string(), z.json());
