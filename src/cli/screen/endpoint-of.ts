/** What OpenAI's clients call the base URL; a Unix socket has none and is shown as it is. */
export function endpointOf(client: string): string {
  return client.startsWith("unix:") ? client : `${client}/v1`;
}
