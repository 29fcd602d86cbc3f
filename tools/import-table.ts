/**
 * Who may import whom: a folder of `src/` and the folders and packages it may use. What is not in the row is
 * forbidden; `tools/tidy.test.ts` checks it. `"types:x"` allows type-only imports of folder x.
 */
export interface ImportRow {
  readonly folders: readonly string[];
  readonly packages?: readonly string[];
}

export const importTable: Readonly<Record<string, ImportRow>> = {
  base: { folders: [] },
  errors: { folders: ["base"] },
  telemetry: { folders: ["base", "errors"] },
  config: {
    folders: ["base", "errors"],
    packages: ["smol-toml", "toml-eslint-parser", "zod"],
  },
  "openai-api": { folders: ["base", "errors"], packages: ["zod"] },
  tokenize: { folders: ["base", "errors"], packages: ["tokenizers", "@huggingface/jinja"] },
  "model-facts": { folders: ["base", "errors"] },
  hub: { folders: ["base", "errors"], packages: ["@huggingface/hub"] },
  plan: { folders: ["base", "errors", "model-facts", "types:config", "types:supervise"] },
  supervise: { folders: ["base", "errors", "telemetry"] },
  launch: { folders: ["base", "errors", "telemetry", "plan", "supervise"] },
  router: { folders: ["base", "errors", "telemetry", "openai-api", "tokenize"] },
  engine: { folders: ["base", "errors", "tokenize", "model-facts"] },
  "engine-server": {
    folders: ["base", "errors", "telemetry", "openai-api", "tokenize", "engine"],
  },
  "load-test": { folders: ["base", "errors", "telemetry", "openai-api"] },
  "status-page": { folders: ["base", "errors", "telemetry", "types:router", "types:supervise"] },
  cli: {
    folders: [
      "base",
      "errors",
      "telemetry",
      "config",
      "openai-api",
      "tokenize",
      "model-facts",
      "hub",
      "plan",
      "supervise",
      "launch",
      "router",
      "engine",
      "engine-server",
      "load-test",
      "status-page",
    ],
    packages: ["@stricli/core"],
  },
};
