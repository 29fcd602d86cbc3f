import { define } from "../definition.ts";

export const configErrors = {
  CONFIG_INVALID: define<{ mistakeCount: number; report: string }>({
    about: "Files or flags of the configuration hold mistakes; all of them are listed.",
    message: ({ mistakeCount, report }) =>
      `Cannot use the configuration: it has ${mistakeCount === 1 ? "1 mistake" : `${mistakeCount} mistakes`}\n${report}`,
    hint: () => "Nothing was started; correct what is listed and run the command again",
  }),
} as const;
