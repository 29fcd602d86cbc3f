import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { PenstockError } from "../../errors/mod.ts";
import { FileFault, readFile } from "./read-file.ts";

export interface CertificateFiles {
  /** The certificate in PEM form, then those between it and one that clients trust. */
  readonly certFile: string;
  /** Its private key in PEM form without a passphrase; without it, the key stands in `certFile`. */
  readonly keyFile?: string | undefined;
}

/** What the TLS server of Node takes. */
export interface CertificateAndKey {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A chain of certificates is some kilobytes. */
const fileBytesMax = 1_048_576;

/** @throws PenstockError ROUTER_CERTIFICATE_UNUSABLE */
export async function readCertificate(files: CertificateFiles): Promise<CertificateAndKey> {
  const { certFile, keyFile = certFile } = files;
  const cert = await bytesOf(certFile);
  const key = await bytesOf(keyFile);
  const certificate = check(certFile, "it holds no certificate in PEM form", () => {
    return new X509Certificate(cert);
  });
  const privateKey: KeyObject = check(
    keyFile,
    "it holds no private key in PEM form that needs no passphrase",
    () => createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw unusable(keyFile, `its private key is not that of the certificate in "${certFile}"`);
  }
  check(certFile, "TLS cannot use it", () => createSecureContext({ cert, key }));
  return { cert, key };
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return (await readFile(path, fileBytesMax)).bytes;
  } catch (fault) {
    if (!(fault instanceof FileFault)) throw fault;
    throw unusable(path, fault.message, fault);
  }
}

function check<T>(path: string, reason: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const { code } = cause as { code?: string };
    throw unusable(path, code === undefined ? reason : `${reason} (${code})`, cause);
  }
}

function unusable(path: string, reason: string, cause?: unknown): PenstockError {
  return new PenstockError("ROUTER_CERTIFICATE_UNUSABLE", { path, reason }, { cause });
}
