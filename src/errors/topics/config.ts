import { define } from "../definition.ts";

export const configErrors = {
  COMMAND_INVALID: define<{ reason: string }>({
    about: "The words of a command name no command, or flags that it does not take.",
    message: ({ reason }) => `Cannot run the command: ${reason}`,
    hint: () =>
      'Run "penstock --help", or --help behind the name of a command, to see what there is',
  }),
  CONFIG_INVALID: define<{ mistakeCount: number; report: string }>({
    about: "Files or flags of the configuration hold mistakes; all of them are listed.",
    message: ({ mistakeCount, report }) =>
      `Cannot use the configuration: it has ${mistakeCount === 1 ? "1 mistake" : `${mistakeCount} mistakes`}\n${report}`,
    hint: () => "Nothing was started; correct what is listed and run the command again",
  }),
} as const;
