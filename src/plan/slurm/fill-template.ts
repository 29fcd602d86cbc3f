import { PenstockError } from "../../errors/mod.ts";

/** Text of a batch script in which `{{name}}` stands for what Penstock knows. */
export interface ScriptTemplate {
  /** Where it comes from, for messages. */
  readonly path: string;
  readonly text: string;
}

export const templatePlaceholders = [
  "sbatch_lines",
  "environment",
  "node_command",
  "job_name",
  "node_count",
  "gpus_per_node",
  "output_dir",
  "project_dir",
] as const;

/** What the placeholders of a template stand for; single values are words of a shell. */
export type TemplateValues = Readonly<Record<(typeof templatePlaceholders)[number], string>>;

/** Other braces are the shell's: `{{.Names}}` is left as it is. */
const placeholder = /\{\{[ \t]*([A-Za-z_][^{}\n]*?)[ \t]*\}\}/g;

/**
 * The template with the values in place of its placeholders.
 *
 * @throws PenstockError SLURM_TEMPLATE_INVALID
 */
export function fillTemplate({ path, text }: ScriptTemplate, values: TemplateValues): string {
  // sbatch refuses a script whose lines end as on Windows.
  const template = text.replaceAll("\r\n", "\n");
  const reason = mistakeOf(template);
  if (reason !== undefined) throw new PenstockError("SLURM_TEMPLATE_INVALID", { path, reason });
  return template.replace(placeholder, (_, name: keyof TemplateValues) => values[name]);
}

function mistakeOf(template: string): string | undefined {
  if (!template.startsWith("#!"))
    return 'its first line must name the shell, "#!/usr/bin/env bash"';
  const names = [...template.matchAll(placeholder)].map((match) => match[1]!);
  const unknown = names.find((name) => !(templatePlaceholders as readonly string[]).includes(name));
  if (unknown !== undefined)
    return `it holds "{{${unknown}}}", and only ${templatePlaceholders.join(", ")} are known`;
  const isStarted = names.filter((name) => name === "node_command").length === 1;
  // A here-document may follow on the lines below it.
  if (!isStarted || !/\{\{[ \t]*node_command[ \t]*\}\}[ \t]*$/m.test(template))
    return 'it must hold "{{node_command}}" once, at the end of a line';
  return undefined;
}
