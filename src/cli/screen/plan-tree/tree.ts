/** A line of a tree that is drawn, and what hangs below it. */
export interface Tree {
  readonly label: string;
  /** Stand behind the label, parted by dots. */
  readonly facts: readonly string[];
  /** Lines of their own below it, before its children. */
  readonly details: readonly string[];
  readonly children: readonly Tree[];
}

export interface DrawOptions {
  /** Where lines are broken, at the facts; undefined never breaks them. */
  readonly columns?: number | undefined;
}

/** The trees as lines, one below the other. */
export function drawTrees(trees: readonly Tree[], options: DrawOptions): readonly string[] {
  return drawBelow(trees, "", options);
}

function drawBelow(
  trees: readonly Tree[],
  indent: string,
  options: DrawOptions,
): readonly string[] {
  return trees.flatMap((tree, index) => {
    const isLast = index === trees.length - 1;
    const below = indent + (isLast ? "   " : "│  ");
    const inside = below + (tree.children.length > 0 ? "│  " : "   ");
    const head = `${indent}${isLast ? "└─ " : "├─ "}${tree.label}`;
    return [
      ...breakLine(head, tree.facts, { indent: inside, ...options }),
      ...tree.details.map((line) => inside + line),
      ...drawBelow(tree.children, below, options),
    ];
  });
}

/** Head and facts in one line, or in several that keep to the columns where the facts let them. */
function breakLine(
  head: string,
  facts: readonly string[],
  { indent, columns = Number.POSITIVE_INFINITY }: DrawOptions & { readonly indent: string },
): readonly string[] {
  const lines: string[] = [];
  let line = head;
  let joint = "  ";
  for (const fact of facts) {
    if (line.length + joint.length + fact.length > columns) {
      lines.push(line);
      line = indent + fact;
    } else line += joint + fact;
    joint = " · ";
  }
  return [...lines, line];
}
