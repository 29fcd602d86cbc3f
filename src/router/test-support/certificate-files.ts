import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { certificates } from "../../../test/support/certificates.ts";

type Name = keyof typeof certificates;

/** The files of a certificate, which go with the test, and what writes those of another one over them. */
export async function certificateFiles(t: TestContext, name: Name) {
  const directory = await mkdtemp(join(tmpdir(), "penstock-tls-"));
  t.after(() => rm(directory, { recursive: true }));
  const certFile = join(directory, "cert.pem");
  const keyFile = join(directory, "key.pem");
  const writeKey = (of: Name) => writeFile(keyFile, certificates[of].key, { mode: 0o600 });
  const writeCert = (of: Name) => writeFile(certFile, certificates[of].cert);
  await writeKey(name);
  await writeCert(name);
  return { files: { certFile, keyFile }, writeCert, writeKey };
}
