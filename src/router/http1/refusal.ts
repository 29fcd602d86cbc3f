/**
 * A message that is not carried on, with the status that its sender gets. On the client side it becomes the
 * answer; on the rank side the rank broke the protocol and the client gets a 502.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
