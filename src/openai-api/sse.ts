/** Server-sent events as OpenAI's API frames them: one JSON value an event, a last event `[DONE]`. */
export const sseContentType = "text/event-stream; charset=utf-8";

export function sseEvent(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

export const sseDone = "data: [DONE]\n\n";
