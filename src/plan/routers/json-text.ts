const columnsMax = 100;

/**
 * JSON for people: a list or an object stands on one line where it fits, and one element a line where it does not.
 * JSON is YAML too, so every program that asks for YAML reads it. What JSON has no word for, such as undefined, is
 * left out as JSON.stringify leaves it out.
 */
export function jsonText(value: unknown): string {
  return `${print(JSON.parse(JSON.stringify(value)), "", 0)}\n`;
}

/** `used` counts the columns that stand on the line already. */
function print(value: unknown, indent: string, used: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((element) => print(element, inner, inner.length))
    : Object.entries(value).map(([key, field]) => {
        const name = `${JSON.stringify(key)}: `;
        return name + print(field, inner, inner.length + name.length);
      });
  const [open, close] = isList ? "[]" : "{}";
  const pad = isList || parts.length === 0 ? "" : " ";
  const line = `${open}${pad}${parts.join(", ")}${pad}${close}`;
  // A comma may follow.
  if (!line.includes("\n") && used + line.length < columnsMax) return line;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}
