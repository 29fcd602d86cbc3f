import type { Logger } from "../../telemetry/mod.ts";
import { FileWatch } from "./file-watch.ts";
import {
  type CertificateAndKey,
  type CertificateFiles,
  readCertificate,
} from "./read-certificate.ts";

/** The certificate that the router shows, read again when its files change. */
export class Certificate {
  #current: CertificateAndKey;
  #watch: FileWatch | undefined;
  /** New connections are to be shown another one. */
  onRenewed: ((renewed: CertificateAndKey) => void) | undefined;

  private constructor(current: CertificateAndKey) {
    this.#current = current;
  }

  /** @throws PenstockError ROUTER_CERTIFICATE_UNUSABLE */
  static async open(
    files: CertificateFiles,
    { intervalMs, logger }: { readonly intervalMs: number; readonly logger: Logger },
  ): Promise<Certificate> {
    const certificate = new Certificate(await readCertificate(files));
    const { certFile, keyFile } = files;
    certificate.#watch = await FileWatch.start(
      keyFile === undefined ? [certFile] : [certFile, keyFile],
      {
        intervalMs,
        load: async () => certificate.#take(await readCertificate(files)),
        onReloaded: () => logger.info("Read the certificate again", { file: certFile }),
        onFault: ({ message }) =>
          logger.error("Cannot read the certificate again: the one read before stays in use", {
            reason: message,
          }),
      },
    );
    return certificate;
  }

  get current(): CertificateAndKey {
    return this.#current;
  }

  close(): void {
    this.#watch?.close();
  }

  #take(read: CertificateAndKey): void {
    this.#current = read;
    this.onRenewed?.(read);
  }
}
