/** One thing that is not as it has to be, and what to do about it. */
export interface Problem {
  readonly message: string;
  readonly hint: string;
}
