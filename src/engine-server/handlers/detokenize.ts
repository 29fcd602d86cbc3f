import { type DetokenizeResponse, parseDetokenizeRequest } from "../../openai-api/mod.ts";
import type { Exchange } from "../http/exchange.ts";
import { checkModel, type Serving } from "../serving.ts";

/** `POST /detokenize` */
export async function handleDetokenize(exchange: Exchange, serving: Serving): Promise<void> {
  const { model, tokens } = parseDetokenizeRequest(await exchange.readJson());
  checkModel(serving, model);
  const prompt = await serving.tokenizer.decode(tokens, { skipSpecialTokens: false });
  const response: DetokenizeResponse = { prompt };
  exchange.sendJson(200, response);
}
