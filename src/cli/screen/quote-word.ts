const plainWord = /^[\w@%+=:,./{}-]+$/;

/** The text as one word of a POSIX shell. */
export function quoteWord(text: string): string {
  if (plainWord.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
