import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../deployment.ts";

/** A fenced block: what stands behind the fence's language is the name of a file. */
export interface Block {
  readonly kind: string;
  readonly file: string | undefined;
  readonly text: string;
}

export interface Section {
  /** The heading of second rank that it stands under. */
  readonly chapter: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** The sections of a guide in their order; what stands before the first one of a chapter is a section without title. */
export function readGuide(name: string): readonly Section[] {
  const text = readFileSync(join(repositoryRoot, "docs", "guides", name), "utf8");
  return text.split(/^## /m).flatMap((chapter) => {
    const [title] = chapter.split("\n", 1);
    return chapter.split(/^### /m).map((section, index) => ({
      chapter: title!,
      title: index === 0 ? "" : section.split("\n", 1)[0]!,
      blocks: blocksOf(section),
    }));
  });
}

/** Its commands, one a line. */
export function commandsOf({ kind, text }: Block): readonly string[] {
  return kind === "sh" ? text.trim().split("\n") : [];
}

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map(([, kind, file, text]) => ({
    kind: kind!,
    file,
    text: text!,
  }));
}
