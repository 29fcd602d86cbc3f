import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { type RouterFlags, routerFlags } from "./router-flags.ts";

/** `penstock router`: one endpoint before several ranks. */
export const routerCommand = buildCommand<RouterFlags, [], CliContext>({
  loader: async () => (await import("../run/router.ts")).runRouter,
  parameters: { flags: routerFlags },
  docs: {
    brief: "Run the router before ranks that run already",
    fullDescription: [
      "Runs the router before ranks that run already. penstock serve starts it by itself.",
      "",
      "  penstock router --port 8000 --worker-urls http://127.0.0.1:8100 --worker-urls http://127.0.0.1:8101",
      "  penstock router --vllm-pd-disaggregation --prefill http://10.0.0.1:8100 --decode http://10.0.0.2:8100",
      "  penstock router --uds /run/user/1000/penstock.sock --worker-urls http://127.0.0.1:8100",
      "  penstock router --threads 4 --max-concurrent-requests 20000 --access-log access.jsonl --worker-urls …",
      "  penstock router --policy sticky_least_loaded --sessions-dir sessions --admin-uds admin.sock --worker-urls …",
      "",
      "Without --api-key-file the environment may hold one key, in PENSTOCK_API_KEY or VLLM_API_KEY; with none of them,",
      "everybody who reaches the port may use it. SIGTERM and Ctrl-C let running requests finish, a second Ctrl-C does not.",
    ].join("\n"),
  },
});
