/** Something that vLLM would refuse or misread, and the option of `VllmServeOptions` that says it. */
export interface VllmMistake {
  /** "envVars.VLLM_PORT". */
  readonly option: string;
  readonly message: string;
}

/** A part of the command with what the user must hear of. */
export interface Written<Value> {
  readonly value: Value;
  readonly notices: readonly string[];
  readonly mistakes: readonly VllmMistake[];
}

/** A part that needs no words. */
export function noWritten<Value>(value: Value): Written<Value> {
  return { value, notices: [], mistakes: [] };
}
