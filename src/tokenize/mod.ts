export type { ChatMessage, ContentPart } from "./chat-messages.ts";
export type { RenderOptions } from "./chat-template.ts";
export { loadTokenizer } from "./load-tokenizer.ts";
export type { DetokenizerOptions, Tokenizer, TokenStream } from "./tokenizer.ts";
