export { errorBody, type ErrorBody } from "./error-body.ts";
