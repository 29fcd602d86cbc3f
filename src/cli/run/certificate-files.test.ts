import assert from "node:assert/strict";
import { test } from "node:test";
import { certificateFiles } from "./certificate-files.ts";

test("certificateFiles() takes a certificate with or without a file for its key, but no key alone", () => {
  const both = { sslCertfile: "c.pem", sslKeyfile: "k.pem" };
  assert.deepEqual(certificateFiles(both), { certFile: "c.pem", keyFile: "k.pem" });
  assert.equal(certificateFiles({ sslCertfile: "c.pem" })?.keyFile, undefined);
  assert.equal(certificateFiles({}), undefined);
  assert.throws(() => certificateFiles({ sslKeyfile: "k.pem" }), { code: "COMMAND_INVALID" });
});
