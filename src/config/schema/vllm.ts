import { z } from "zod";
import { envVars, freeTable } from "./scalars.ts";

/** vLLM as a program, and what goes to it unread. */
export const vllmKeys = {
  vllm: z
    .strictObject({
      version: z
        .string()
        .regex(/^\d+\.\d+(\.\d+)?([.+-]?[A-Za-z0-9.+-]+)?$/)
        .nullable()
        .default(null)
        .meta({
          expected: 'a version such as "0.30.0"',
          description: "Version that commands are written for; None takes the one that is found.",
        }),
      executable: z.string().min(1).default("vllm").meta({
        description: "Program that is started as vllm: a name on PATH or a path.",
      }),
    })
    .prefault({}),
  vllm_extra: freeTable.default({}).meta({
    description:
      "Further arguments of vllm serve by their names: true gives a bare flag, tables become JSON.",
  }),
  env_vars: envVars.default({}).meta({
    description: "Environment of every engine process.",
  }),
} as const;
