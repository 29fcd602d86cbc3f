import { define } from "../definition.ts";

export const planErrors = {
  PORTS_USED_UP: define<{ node: number; base: number }>({
    about: "A node of the deployment needs more ports above a base port than there are.",
    message: ({ node, base }) =>
      `Cannot plan the ports of node ${node}: none from ${base} to 65535 is left`,
    hint: () => "Choose lower ports or fewer ranks a node",
  }),
  SLURM_VALUE_NOT_WRITABLE: define<{ key: string; reason: string }>({
    about: "A value of the configuration has no place in a Slurm batch script.",
    message: ({ key, reason }) => `Cannot write the batch script with "${key}": ${reason}`,
    hint: ({ key }) => `Give "${key}" a plain text`,
  }),
  SLURM_TEMPLATE_INVALID: define<{ path: string; reason: string }>({
    about: "The template of the batch script is none that the script can be written from.",
    message: ({ path, reason }) => `Cannot write the batch script from "${path}": ${reason}`,
    hint: () => "Correct it, or leave slurm.template_path out for Penstock's own",
  }),
  VLLM_COMMAND_NOT_WRITABLE: define<{ model: string; mistakeCount: number; report: string }>({
    about:
      "The configuration asks for something that the chosen release of vLLM refuses or would misread.",
    message: ({ model, mistakeCount, report }) =>
      `Cannot write the vllm serve command for "${model}": it has ${mistakeCount === 1 ? "1 mistake" : `${mistakeCount} mistakes`}\n${report}`,
    hint: () =>
      "Nothing was started; correct what is listed, or name another release with vllm.version",
  }),
} as const;
