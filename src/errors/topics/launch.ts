import { define } from "../definition.ts";

export const launchErrors = {
  PORT_IN_USE: define<{ port: number; purpose: string; holder: string; flag: string }>({
    about: "A port that the deployment needs is held by another process.",
    message: ({ port, purpose, holder }) =>
      `Cannot start ${purpose}: port ${port} is already in use by ${holder}`,
    hint: ({ flag, holder }) => `Stop ${holder}, or choose another port with ${flag}`,
  }),
} as const;
