import { type ErrorBody, errorBody } from "./error-body.ts";

/** A request that is answered with an error in vLLM's shape. Thrown by validation and by handlers. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly body: ErrorBody;
  /** For example `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    options: ErrorOptions & {
      readonly type?: string;
      readonly param?: string | null;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message, options);
    this.status = status;
    this.body = errorBody(status, message, options);
    this.headers = options.headers ?? {};
  }
}

/** What is wrong with one place of a body. */
export interface BodyIssue {
  /** From the root of the body: `["messages", 0, "role"]`. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Mistakes that one answer lists. */
const issuesShownMax = 10;

/** The body does not have the shape of the request: vLLM's `Bad Request`, with the place as the parameter. */
export function invalidBody(issues: readonly BodyIssue[]): ApiError {
  const count = `${issues.length} validation error${issues.length === 1 ? "" : "s"}:`;
  const lines = issues
    .slice(0, issuesShownMax)
    .map((issue) => `  ${placeOf(issue)}: ${issue.message}`);
  const param = issues[0] === undefined ? "body" : placeOf(issues[0]);
  return new ApiError(400, [count, ...lines].join("\n"), { type: "Bad Request", param });
}

/** A field has the right type and a value that cannot be: vLLM's `BadRequestError`. */
export function invalidValue(param: string, value: unknown, message: string): ApiError {
  const shown = typeof value === "string" ? value.slice(0, 100) : String(value);
  return new ApiError(400, `${message} (parameter=${param}, value=${shown})`, { param });
}

/** A field asks for something that vLLM can do and the embedded engine cannot. It is never ignored. */
export function unsupported(param: string, feature = param): ApiError {
  return new ApiError(400, `${feature} is not supported by the embedded engine`, { param });
}

export function modelNotFound(model: string): ApiError {
  const message = `The model \`${model.slice(0, 256)}\` does not exist.`;
  return new ApiError(404, message, { param: "model" });
}

function placeOf(issue: BodyIssue): string {
  return ["body", ...issue.path].map(String).join(".");
}
