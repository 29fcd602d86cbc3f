import assert from "node:assert/strict";
import type { HandOffOutcome } from "../handoff/hand-off-outcome.ts";
import { startTestRouter, type TestRouter, type TestRouterOptions } from "./test-router.ts";

export interface HandOffRouter extends TestRouter {
  /** What became of all requests so far, by outcome. */
  handOffs(): Promise<Readonly<Partial<Record<HandOffOutcome, number>>>>;
  /** Posts a body and gives the answer. */
  post(
    body: string | object,
    path?: string,
    init?: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly signal?: AbortSignal;
    },
  ): Promise<Response>;
}

interface Ranked {
  readonly url: string;
}

/** A router before prefill ranks, which get the first indexes, and decode ranks. */
export async function startHandOffRouter(
  ranks: { readonly prefill: readonly Ranked[]; readonly decode: readonly Ranked[] },
  options: TestRouterOptions = {},
): Promise<HandOffRouter> {
  const router = await startTestRouter(
    [
      ...ranks.prefill.map(({ url }) => ({ url, role: "prefill" as const })),
      ...ranks.decode.map(({ url }) => ({ url, role: "decode" as const })),
    ],
    options,
  );
  return {
    ...router,
    handOffs: async () => {
      const text = await (await fetch(`${router.url}/metrics`)).text();
      const pattern = /^penstock_router_handoffs_total\{outcome="(\w+)"\} (\d+)$/gm;
      const counts = [...text.matchAll(pattern)].map(([, outcome, count]) => [
        outcome,
        Number(count),
      ]);
      return Object.fromEntries(counts) as Partial<Record<HandOffOutcome, number>>;
    },
    post: (body, path = "/v1/completions", init = {}) => {
      assert.ok(path.startsWith("/"));
      return fetch(router.url + path, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...init,
        headers: { "content-type": "application/json", ...init.headers },
      });
    },
    [Symbol.asyncDispose]: () => router.close(),
  };
}
