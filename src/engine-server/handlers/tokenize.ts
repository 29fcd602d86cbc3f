import { parseTokenizeRequest, type TokenizeResponse } from "../../openai-api/mod.ts";
import { checkTextLength } from "../generate/prepare-prompt.ts";
import type { Exchange } from "../http/exchange.ts";
import { checkModel, type Serving } from "../serving.ts";

/** `POST /tokenize` */
export async function handleTokenize(exchange: Exchange, serving: Serving): Promise<void> {
  const body = await exchange.readJson();
  const { model, input, addSpecialTokens, returnTokenStrings } = parseTokenizeRequest(body);
  checkModel(serving, model);
  const { tokenizer, engine } = serving;
  const text = typeof input === "string" ? input : tokenizer.renderChat(input.messages, input);
  checkTextLength(serving, text);
  const tokens = await tokenizer.encode(text, { addSpecialTokens });
  const response: TokenizeResponse = {
    count: tokens.length,
    max_model_len: engine.model.maxModelLen,
    tokens,
    token_strs: returnTokenStrings ? tokens.map((token) => tokenizer.tokenString(token)) : null,
  };
  exchange.sendJson(200, response);
}
