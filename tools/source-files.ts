import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export interface SourceFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly ImportLine[];
}

export interface ImportLine {
  readonly typeOnly: boolean;
  /** A path relative to the repository, or the specifier of a package or built-in module. */
  readonly target: string;
}

const skipped = new Set(["node_modules", "build", "outputs", ".git", "assembly"]);
const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^;"']*?from\s+["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s+["']([^"']+)["']|new URL\(\s*["'](\.[^"']+\.(?:ts|js))["']\s*,\s*import\.meta\.url/g;

/** All TypeScript files below a folder of the repository, with what they import. */
export function readSources(folder: string): readonly SourceFile[] {
  return listFiles(join(root, folder))
    .filter((path) => path.endsWith(".ts"))
    .map((path) => {
      const text = readFileSync(path, "utf8");
      return { path: relative(root, path), text, imports: findImports(path, text) };
    });
}

export function listFiles(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(directory, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

function findImports(path: string, text: string): readonly ImportLine[] {
  return [...text.matchAll(importPattern)].map((match) => {
    const specifier = match[2] ?? match[3] ?? match[4] ?? match[5] ?? "";
    const target = specifier.startsWith(".")
      ? relative(root, resolve(dirname(path), specifier))
      : specifier;
    return { typeOnly: match[1] !== undefined, target };
  });
}
