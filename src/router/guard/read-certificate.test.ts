import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { certificateFiles } from "../test-support/certificate-files.ts";
import { certificates } from "../../../test/support/certificates.ts";
import { readCertificate } from "./read-certificate.ts";

function isUnusable(reason: RegExp) {
  return { code: "ROUTER_CERTIFICATE_UNUSABLE", message: reason };
}

test("readCertificate() takes two files, or one with both", async (t) => {
  const { files } = await certificateFiles(t, "first");
  const { cert, key } = await readCertificate(files);
  assert.equal(cert.toString(), certificates.first.cert);
  assert.equal(key.toString(), certificates.first.key);
  await writeFile(files.certFile, certificates.first.cert + certificates.first.key);
  assert.ok((await readCertificate({ certFile: files.certFile })).key.length > 0);
});

test("readCertificate() says which file cannot be used and why", async (t) => {
  const { files, writeCert, writeKey } = await certificateFiles(t, "first");
  const { certFile, keyFile } = files;
  const refuses = (given: typeof files | { readonly certFile: string }, reason: RegExp) =>
    assert.rejects(readCertificate(given), isUnusable(reason));
  await refuses({ certFile: "/none", keyFile }, /"\/none" for TLS: opening it failed with ENOENT$/);
  await refuses({ certFile, keyFile: "/none" }, /"\/none" for TLS: opening it failed with ENOENT$/);
  await refuses({ certFile }, /cert\.pem" for TLS: it holds no private key in PEM form/);
  await refuses({ certFile: keyFile, keyFile }, /key\.pem" for TLS: it holds no certificate/);
  await writeKey("second");
  await refuses(
    files,
    /key\.pem" for TLS: its private key is not that of the certificate in ".*cert/,
  );
  const { privateKey } = generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" },
  });
  await writeFile(keyFile, privateKey);
  await refuses(
    files,
    /key\.pem" for TLS: it holds no private key in PEM form that needs no passp/,
  );
  await writeKey("first");
  await writeFile(certFile, "x".repeat(1_048_577));
  await refuses(files, /cert\.pem" for TLS: it is longer than 1048576 bytes$/);
  await writeCert("first");
  assert.ok(await readCertificate(files));
});
