import { PenstockError } from "../errors/mod.ts";

/** A message as clients send it. Fields that are not named here reach the template as they are. */
export interface ChatMessage {
  readonly role: string;
  readonly content?: string | readonly ContentPart[] | null | undefined;
  readonly tool_calls?: unknown;
  readonly [field: string]: unknown;
}

export interface ContentPart {
  readonly type?: string | undefined;
  readonly text?: string | undefined;
  readonly refusal?: string | undefined;
  readonly [field: string]: unknown;
}

/** The arguments of all tool calls of a conversation together; parsing them runs on the event loop. */
export const toolArgumentCharsMax = 2 ** 20;

/**
 * Brings messages into the form that chat templates are written for: content is one string, the arguments of
 * tool calls are objects, and reasoning has both of the names in use.
 *
 * @throws PenstockError CHAT_NOT_RENDERED for a content part that is not text, for arguments that are not JSON or
 *   too long.
 */
export function templateMessages(messages: readonly ChatMessage[]): Record<string, unknown>[] {
  const budget = { chars: toolArgumentCharsMax };
  return messages.map((message) => {
    const prepared: Record<string, unknown> = { ...message, content: contentText(message) };
    const reasoning = message["reasoning"] ?? message["reasoning_content"];
    if (reasoning !== undefined && reasoning !== null) {
      prepared["reasoning"] = reasoning;
      prepared["reasoning_content"] = reasoning;
    }
    if (Array.isArray(message.tool_calls))
      prepared["tool_calls"] = message.tool_calls.map((call) => withParsedArguments(call, budget));
    return prepared;
  });
}

/** Parts are joined by line feeds, as vLLM does for templates that want strings. */
function contentText(message: ChatMessage): string | null {
  const { content } = message;
  if (content === undefined || content === null) return message.role === "assistant" ? null : "";
  if (typeof content === "string") return content;
  return content.map(partText).join("\n");
}

function partText(part: ContentPart): string {
  const text = part.text ?? part.refusal;
  if (typeof text === "string") return text;
  throw new PenstockError("CHAT_NOT_RENDERED", {
    reason: `content of type "${part.type}" is not supported by this model, it takes text`,
  });
}

/** The API carries arguments as JSON text; templates print them with `tojson` or walk through them. */
function withParsedArguments(call: unknown, budget: { chars: number }): unknown {
  if (typeof call !== "object" || call === null || !("function" in call)) return call;
  const { function: called } = call;
  if (typeof called !== "object" || called === null || !("arguments" in called)) return call;
  if (typeof called.arguments !== "string") return call;
  budget.chars -= called.arguments.length;
  if (budget.chars < 0) {
    const reason = `the arguments of tool calls have more than ${toolArgumentCharsMax} characters together`;
    throw new PenstockError("CHAT_NOT_RENDERED", { reason });
  }
  return { ...call, function: { ...called, arguments: parseArguments(called.arguments) } };
}

function parseArguments(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = "the arguments of a tool call in the messages are not JSON";
    throw new PenstockError("CHAT_NOT_RENDERED", { reason }, { cause });
  }
}
