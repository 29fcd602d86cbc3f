// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controlCharacters = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Makes text of unknown origin safe for a terminal: control characters, colours and cursor moves among them,
 * become the replacement character; tabs and line ends stay.
 */
export function printable(text: string): string {
  return text.replaceAll(controlCharacters, "\u{fffd}");
}
