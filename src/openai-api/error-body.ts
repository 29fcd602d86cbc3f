import { STATUS_CODES } from "node:http";

/**
 * vLLM's error object, the body of every 4xx and 5xx that is not the bare 401. The HTTP status equals `code`.
 */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: number;
  };
}

/** vLLM's type names where they are not the status' own phrase. */
const typeOfStatus: Readonly<Record<number, string>> = {
  400: "BadRequestError",
  404: "NotFoundError",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  422: "UnprocessableEntityError",
  429: "TooManyRequestsError",
  500: "InternalServerError",
  501: "NotImplementedError",
  502: "BadGateway",
  503: "ServiceUnavailableError",
  504: "GatewayTimeout",
};

/** Builds the error object; the type follows from the status unless given. */
export function errorBody(
  status: number,
  message: string,
  options: { readonly type?: string; readonly param?: string | null } = {},
): ErrorBody {
  const type =
    options.type ?? typeOfStatus[status] ?? STATUS_CODES[status] ?? "InternalServerError";
  return { error: { message, type, param: options.param ?? null, code: status } };
}
