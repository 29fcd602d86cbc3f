import { configPage, configSchemaFile } from "./config-page.ts";
import { errorsPage } from "./errors-page.ts";

/** Path in the repository and content of every page that is generated. */
export function generatedPages(): Readonly<Record<string, string>> {
  return {
    "docs/reference/config.md": configPage(),
    "docs/reference/config.schema.json": configSchemaFile(),
    "docs/reference/errors.md": errorsPage(),
  };
}
