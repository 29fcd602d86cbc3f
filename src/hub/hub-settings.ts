import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { PenstockError } from "../errors/mod.ts";

/** Where the hub is, and where what comes from it is kept. */
export interface HubSettings {
  /** Without a slash at the end. */
  readonly endpoint: string;
  /** The user's access token, which goes to the endpoint alone and is never shown. */
  readonly token: string | undefined;
  readonly cacheDirectory: string;
  /** The network is not used. */
  readonly isOffline: boolean;
}

/**
 * The settings of Hugging Face's own programs, from the variables that they read: HF_ENDPOINT, HF_TOKEN,
 * HF_TOKEN_PATH, HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_HUB_OFFLINE, HF_HUB_DISABLE_IMPLICIT_TOKEN and the older
 * names of some. https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
 *
 * @throws PenstockError HUB_ENDPOINT_INVALID
 */
export async function readHubSettings(env: NodeJS.ProcessEnv): Promise<HubSettings> {
  const home = inHome(
    env["HF_HOME"] || join(env["XDG_CACHE_HOME"] || join("~", ".cache"), "huggingface"),
  );
  const cache = env["HF_HUB_CACHE"] || env["HUGGINGFACE_HUB_CACHE"] || join(home, "hub");
  return {
    endpoint: endpointOf(env["HF_ENDPOINT"] || "https://huggingface.co"),
    token: await tokenOf(env, home),
    cacheDirectory: inHome(cache),
    isOffline: isTrue(env["HF_HUB_OFFLINE"]) || isTrue(env["TRANSFORMERS_OFFLINE"]),
  };
}

function endpointOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new PenstockError("HUB_ENDPOINT_INVALID", { value: text });
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/** The variable, else the file that `hf auth login` writes. */
async function tokenOf(env: NodeJS.ProcessEnv, home: string): Promise<string | undefined> {
  const given = cleaned(env["HF_TOKEN"] || env["HUGGING_FACE_HUB_TOKEN"]);
  if (given !== undefined || isTrue(env["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return given;
  try {
    return cleaned(await readFile(inHome(env["HF_TOKEN_PATH"] || join(home, "token")), "utf8"));
  } catch {
    return undefined; // Nobody has logged in, or the file is not ours: most models are there for everybody.
  }
}

/** A header takes neither spaces nor line ends. */
function cleaned(token: string | undefined): string | undefined {
  const text = token?.replaceAll(/\s/g, "");
  return text === "" ? undefined : text;
}

function isTrue(value: string | undefined): boolean {
  return ["1", "on", "yes", "true"].includes(value?.toLowerCase() ?? "");
}

function inHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}
