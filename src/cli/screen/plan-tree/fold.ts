import { formatNumbers } from "./format-numbers.ts";
import type { Tree } from "./tree.ts";

/** A part of a deployment, comparable with its siblings. */
export interface Part {
  readonly tree: Omit<Tree, "children">;
  /** Equal for siblings of which one stands for the others, but for their names and spans. */
  readonly likeness: string;
  /** Equal for parts that differ by their names and nodes only. */
  readonly exact: string;
  /** What a line for several parts says of all of them: "nodes" and their numbers. */
  readonly spans: Readonly<Record<string, readonly number[]>>;
  readonly children: readonly Part[];
}

/** Every part as a tree; with `fold`, neighbours that are alike share the line below the first of them. */
export function treesOf(parts: readonly Part[], fold: boolean): readonly Tree[] {
  return runsOf(parts).flatMap(([first, ...others]) => {
    const shown = treeOf(first!, fold);
    const isShorter = others.length > 1 || shown.children.length + shown.details.length > 0;
    if (fold && others.length > 0 && isShorter) return [shown, foldedTree(first!, others)];
    return [shown, ...others.map((part) => treeOf(part, fold))];
  });
}

function treeOf({ tree, children }: Part, fold: boolean): Tree {
  return { ...tree, children: treesOf(children, fold) };
}

function runsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const runs: Part[][] = [];
  for (const part of parts) {
    const run = runs.at(-1);
    if (run?.[0]?.likeness === part.likeness) run.push(part);
    else runs.push([part]);
  }
  return runs;
}

function foldedTree(model: Part, alike: readonly Part[]): Tree {
  const names = alike.map(({ tree }) => tree.label);
  const isOne = alike.length === 1;
  const spans = Object.keys(model.spans).map(
    (name) => `${name} ${formatNumbers(alike.flatMap((part) => part.spans[name] ?? []))}`,
  );
  return {
    label: isOne ? names[0]! : `${names[0]!} … ${names.at(-1)!}`,
    facts: [`${isOne ? "" : `${alike.length} `}like ${model.tree.label}`, ...spans],
    details: [],
    children: [],
  };
}
