import { Template } from "@huggingface/jinja";
import { PenstockError } from "../errors/mod.ts";
import { type ChatMessage, templateMessages } from "./chat-messages.ts";

export interface RenderOptions {
  /** Ends the text with the opening of an assistant message. Default true. */
  readonly addGenerationPrompt?: boolean;
  /** Leaves the last message open, so that the model continues it. Default false. */
  readonly continueFinalMessage?: boolean;
  /** Variables for the template, for example `{ enable_thinking: false }`. */
  readonly templateKwargs?: Readonly<Record<string, unknown>>;
  /** Tool definitions in the OpenAI form; the template writes them into the prompt. */
  readonly tools?: readonly unknown[];
  readonly documents?: readonly unknown[];
}

/** Where template texts come from: the plain one or several under names. */
export interface TemplateSource {
  readonly file: string;
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * JSON values that messages, tools and variables of one request may hold together. Rendering runs on the event
 * loop; this bounds it to some tens of milliseconds.
 */
export const templateValuesMax = 65_536;

/** The chat templates of one model, parsed once. */
export class ChatTemplate {
  readonly #templates: ReadonlyMap<string, Template>;
  readonly #specialTokens: Readonly<Record<string, string>>;

  private constructor(
    templates: ReadonlyMap<string, Template>,
    specialTokens: Readonly<Record<string, string>>,
  ) {
    this.#templates = templates;
    this.#specialTokens = specialTokens;
  }

  /**
   * @param options.specialTokens Variables like `bos_token` that templates use.
   * @throws PenstockError CHAT_TEMPLATE_INVALID naming the file.
   */
  static parse(options: {
    readonly directory: string;
    readonly source: TemplateSource;
    readonly specialTokens: Readonly<Record<string, string>>;
  }): ChatTemplate {
    const { directory, source, specialTokens } = options;
    const templates = new Map<string, Template>();
    for (const [name, text] of source.texts) {
      try {
        templates.set(name, new Template(text));
      } catch (cause) {
        const facts = { directory, file: source.file, reason: reasonOf(cause) };
        throw new PenstockError("CHAT_TEMPLATE_INVALID", facts, { cause });
      }
    }
    return new ChatTemplate(templates, specialTokens);
  }

  /**
   * The prompt text of a conversation.
   *
   * @throws PenstockError CHAT_TEMPLATE_MISSING, CHAT_NOT_RENDERED; both are the fault of the request.
   */
  render(messages: readonly ChatMessage[], options: RenderOptions = {}): string {
    if (messages.length === 0) refuse("there are no messages, at least one is needed");
    const template = this.#choose(options.tools !== undefined);
    const prepared = templateMessages(messages);
    checkSize(prepared, options);
    const continueFinal = options.continueFinalMessage ?? false;
    const variables = {
      ...this.#specialTokens,
      ...options.templateKwargs,
      messages: prepared,
      tools: options.tools ?? null,
      documents: options.documents ?? null,
      add_generation_prompt: options.addGenerationPrompt ?? true,
    };
    const text = renderTemplate(template, variables);
    return continueFinal ? cutAfterFinalMessage(text, prepared.at(-1)?.["content"]) : text;
  }

  #choose(withTools: boolean): Template {
    const named = withTools ? this.#templates.get("tool_use") : undefined;
    const template = named ?? this.#templates.get("default");
    if (template !== undefined) return template;
    throw new PenstockError("CHAT_TEMPLATE_MISSING", { wanted: 'one named "default"' });
  }
}

function checkSize(messages: readonly object[], options: RenderOptions): void {
  const inputs = [messages, options.tools, options.documents, options.templateKwargs];
  if (!hasAtMostValues(inputs, templateValuesMax))
    refuse(`messages, tools and variables hold more than ${templateValuesMax} values together`);
}

/** Counts without recursion and stops at the limit. */
function hasAtMostValues(root: unknown, countMax: number): boolean {
  const pending: unknown[] = [root];
  let count = 0;
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) continue;
    const children: unknown[] = Array.isArray(value) ? value : Object.values(value);
    count += children.length;
    if (count > countMax) return false;
    for (const child of children) pending.push(child);
  }
  return true;
}

/** A template may call `raise_exception`, and may trip over messages it was not written for. */
function renderTemplate(template: Template, variables: Record<string, unknown>): string {
  try {
    return template.render(variables);
  } catch (cause) {
    throw new PenstockError("CHAT_NOT_RENDERED", { reason: reasonOf(cause) }, { cause });
  }
}

function cutAfterFinalMessage(text: string, content: unknown): string {
  if (typeof content !== "string" || content.trim() === "")
    refuse("continue_final_message needs a last message with text");
  const exactIndex = text.lastIndexOf(content);
  if (exactIndex >= 0) return text.slice(0, exactIndex + content.length);
  const trimmed = content.trim(); // Many templates trim the content of messages.
  const trimmedIndex = text.lastIndexOf(trimmed);
  if (trimmedIndex < 0)
    refuse("continue_final_message needs a template that shows the last message");
  return text.slice(0, trimmedIndex + trimmed.length);
}

function refuse(reason: string): never {
  throw new PenstockError("CHAT_NOT_RENDERED", { reason });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
