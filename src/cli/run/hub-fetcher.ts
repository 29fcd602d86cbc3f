import { isPenstockError } from "../../errors/mod.ts";
import {
  fetchModel,
  hubLimits,
  type ModelPart,
  parseHubId,
  readHubSettings,
} from "../../hub/mod.ts";
import { createDownloadView } from "../screen/download-view.ts";
import type { Screen } from "../screen/progress-view.ts";

export interface HubFetcherOptions {
  readonly part: ModelPart;
  /** Says why there is no model, and goes on without it, instead of failing. */
  readonly mayFail?: boolean;
  readonly screen: Screen;
}

/** Somebody waits for an answer that is good to have, no more. */
const shortLimits = { ...hubLimits, failuresMax: 2, apiMsMax: 5_000, idleMsMax: 5_000 };

/** What gets models by their names on the hub, with the user's settings, and shows how far it is. */
export function hubFetcher({ part, mayFail = false, screen }: HubFetcherOptions) {
  return async (name: string): Promise<string | undefined> => {
    const id = parseHubId(name);
    if (id === undefined) return undefined;
    const view = createDownloadView(screen);
    try {
      const settings = await readHubSettings(process.env);
      const limits = mayFail ? shortLimits : hubLimits;
      // A config.json is here before anybody could read how far it is.
      const showing = part === "all" ? { onProgress: view.update } : {};
      return await fetchModel(id, { settings, part, limits, ...showing });
    } catch (error) {
      if (!mayFail || !isPenstockError(error)) throw error;
      screen.write(`${error.message}\n`);
      return undefined;
    } finally {
      view.end();
    }
  };
}
