import { randomUUID } from "node:crypto";
import { modelCard, type ModelList } from "../../openai-api/mod.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Serving } from "../serving.ts";

/** `GET /v1/models`: one card a served name. */
export function handleModels(exchange: Exchange, serving: Serving): void {
  const created = Math.floor(Date.now() / 1000);
  const { maxModelLen } = serving.engine.model;
  const cards = serving.modelNames.map((id) => {
    const permissionId = `modelperm-${randomUUID().replaceAll("-", "")}`;
    return modelCard({ id, root: serving.modelSource, created, maxModelLen, permissionId });
  });
  const list: ModelList = { object: "list", data: cards };
  exchange.sendJson(200, list);
}
