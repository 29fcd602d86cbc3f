import { PenstockError } from "../errors/mod.ts";
import { formatHubId, type HubId } from "./hub-id.ts";
import type { HubSettings } from "./hub-settings.ts";
import type { HubLimits } from "./limits.ts";
import { failingSoftly, TransientFailure, waitToRetry } from "./transient-failure.ts";

const transientStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Asks the hub about one model: with the token where it belongs, in bounded time, again where that may help. */
export class HubConnection {
  readonly settings: HubSettings;
  readonly limits: HubLimits;
  readonly id: HubId;

  constructor(id: HubId, settings: HubSettings, limits: HubLimits) {
    this.id = id;
    this.settings = settings;
    this.limits = limits;
  }

  /**
   * One request until the head of its answer, redirects followed; `fetch` drops the token where they leave the hub.
   *
   * @throws TransientFailure, or PenstockError HUB_MODEL_NOT_FOUND, HUB_ACCESS_DENIED, HUB_UNREACHABLE
   */
  async request(url: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("user-agent", "penstock");
    const { token, endpoint } = this.settings;
    if (token !== undefined && new URL(url).origin === new URL(endpoint).origin)
      headers.set("authorization", `Bearer ${token}`);
    const response = await failingSoftly(() => fetch(url, { ...init, headers }));
    if (response.ok) return response;
    await response.body?.cancel();
    throw this.#refusal(response);
  }

  /** `fetch` for small answers, which come whole: in bounded time and size, and after retries. */
  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    for (let failures = 0; ;) {
      try {
        const signal = AbortSignal.timeout(this.limits.apiMsMax);
        const response = await this.request(url, { ...init, signal });
        const body = await failingSoftly(() => this.#readAll(response));
        return new Response(body, { status: response.status, headers: response.headers });
      } catch (error) {
        failures += 1;
        if (!(error instanceof TransientFailure)) throw error;
        if (failures >= this.limits.failuresMax) throw this.unreachable(error.message);
        await waitToRetry(failures, this.limits);
      }
    }
  }

  unreachable(reason: string): PenstockError {
    return new PenstockError("HUB_UNREACHABLE", { endpoint: this.settings.endpoint, reason });
  }

  invalid(reason: string): PenstockError {
    const facts = { endpoint: this.settings.endpoint, id: formatHubId(this.id), reason };
    return new PenstockError("HUB_ANSWER_INVALID", facts);
  }

  async #readAll(response: Response): Promise<Buffer<ArrayBuffer>> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > this.limits.apiAnswerBytesMax)
        throw this.invalid(`an answer has more than ${this.limits.apiAnswerBytesMax} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  #refusal({ status, headers }: Response): Error {
    const id = formatHubId(this.id);
    const { endpoint, token } = this.settings;
    if (transientStatuses.has(status)) return new TransientFailure(`the status is ${status}`);
    // A hub says 401 also for what does not exist, so that nobody learns which private models there are.
    if (status === 401 || status === 403) {
      const facts = { id, status, endpoint, hasToken: token !== undefined };
      return new PenstockError("HUB_ACCESS_DENIED", facts);
    }
    if (status === 404) return new PenstockError("HUB_MODEL_NOT_FOUND", { id, endpoint });
    const detail = headers.get("x-error-message") ?? "";
    return this.unreachable(`the status is ${status}${detail === "" ? "" : ` (${detail})`}`);
  }
}
