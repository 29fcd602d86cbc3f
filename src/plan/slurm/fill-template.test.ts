import assert from "node:assert/strict";
import { test } from "node:test";
import { fillTemplate, templatePlaceholders, type TemplateValues } from "./fill-template.ts";

const values = Object.fromEntries(
  templatePlaceholders.map((name) => [name, `<${name} $& {{job_name}}>`]),
) as TemplateValues;

function fill(text: string): string {
  return fillTemplate({ path: "job.sh", text }, values);
}

test("fillTemplate() puts values in, once, and leaves the rest as it was", () => {
  const text =
    "#!/bin/bash\r\n# {{ job_name }}\ndocker ps --format '{{.Names}}'\n{{node_command}}\n";
  assert.equal(
    fill(text),
    "#!/bin/bash\n# <job_name $& {{job_name}}>\ndocker ps --format '{{.Names}}'\n<node_command $& {{job_name}}>\n",
  );
});

test("fillTemplate() refuses what would not start the deployment, and says why", () => {
  const cases = [
    ["{{node_command}}", /first line/],
    ["#!/bin/sh\n{{node_comand}}\n", /"\{\{node_comand\}\}", and only sbatch_lines, .* known/],
    ["#!/bin/sh\n{{ job_name | upper }}\n{{node_command}}", /"\{\{job_name \| upper\}\}"/],
    ["#!/bin/sh\n{{sbatch_lines}}\n", /must hold "\{\{node_command\}\}" once/],
    ["#!/bin/sh\n{{node_command}}\n{{node_command}}\n", /once/],
    ["#!/bin/sh\n{{node_command}} | tee log\n", /end of a line/],
  ] as const;
  for (const [text, message] of cases)
    assert.throws(() => fill(text), { code: "SLURM_TEMPLATE_INVALID", message });
});
