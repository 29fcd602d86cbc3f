import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { HubServer } from "../../../test/support/hub/hub-server.ts";
import { HubConnection } from "../hub-connection.ts";
import type { HubSettings } from "../hub-settings.ts";
import { type HubLimits, hubLimits } from "../limits.ts";
import { RepoCache } from "../repo-cache.ts";

/** Waits that tests reach. */
export const shortLimits: HubLimits = {
  ...hubLimits,
  idleMsMax: 500,
  lockIdleMsMax: 30_000,
  failuresMax: 5,
  progressBytesMin: 1_000,
  retryWaitMs: 1,
};

export const weights = randomBytes(300_000);

/** The files of a model as far as a download cares. */
export const modelFiles = {
  "README.md": "not wanted",
  "config.json": "{}",
  "tokenizer.json": '{"model":{}}',
  "tokenizer_config.json": "{ }",
  "pytorch_model.bin": randomBytes(200_000),
  "model.safetensors": weights,
};

export const id = { name: "org/model", revision: "main" };

export interface HubFixture {
  readonly hub: HubServer;
  readonly settings: HubSettings;
  readonly cache: RepoCache;
  /** The model's commit. */
  readonly commit: string;
  readonly connect: (changes?: Partial<HubLimits>) => HubConnection;
}

/** A hub with one model, and an empty cache; both are gone after the test. */
export async function startHub(
  context: TestContext,
  files: Readonly<Record<string, Buffer | string>> = modelFiles,
): Promise<HubFixture> {
  const cacheDirectory = scratchDirectory(context);
  const hub = await HubServer.start();
  context.after(() => hub[Symbol.asyncDispose]());
  const commit = hub.add(id.name, files);
  const settings = { endpoint: hub.endpoint, token: undefined, cacheDirectory, isOffline: false };
  return {
    hub,
    settings,
    commit,
    cache: new RepoCache(cacheDirectory, id),
    connect: (changes = {}) => new HubConnection(id, settings, { ...shortLimits, ...changes }),
  };
}

/** A directory that is gone after the test. */
export function scratchDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "penstock-hub-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
