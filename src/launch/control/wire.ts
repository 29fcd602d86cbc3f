import { isTable, parseJson } from "../../base/mod.ts";
import { isPenstockError, PenstockError } from "../../errors/mod.ts";
import type { DeploymentStatus } from "./types.ts";

/** What a command asks: one JSON line. */
export type ControlRequest =
  | { readonly command: "status" }
  /** Answered with a status line at once and after every change, until the deployment ends. */
  | { readonly command: "watch" }
  | { readonly command: "stop"; readonly now: boolean }
  | { readonly command: "restart"; readonly process: string };

/** What a deployment answers: one JSON line, many to `watch`. */
export type ControlAnswer =
  | { readonly status: DeploymentStatus }
  | { readonly done: true }
  | { readonly error: WireError };

/** An operating error of the other side, as it reads there. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** @throws PenstockError CONTROL_REQUEST_INVALID */
export function parseRequest(line: string): ControlRequest {
  const value = parseJson(line);
  if (!isTable(value)) throw refuse("it is no JSON object");
  const { command, now, process } = value;
  switch (command) {
    case "status":
    case "watch":
      return { command };
    case "stop":
      if (typeof now !== "boolean") throw refuse('"now" of a stop is no boolean');
      return { command, now };
    case "restart":
      if (typeof process !== "string") throw refuse('"process" of a restart is no string');
      return { command, process };
    default:
      throw refuse("its command is unknown");
  }
}

/** Undefined for what is no answer. */
export function parseAnswer(line: string): ControlAnswer | undefined {
  const value = parseJson(line);
  if (!isTable(value)) return undefined;
  if (value["done"] === true) return { done: true };
  if (isStatus(value["status"])) return { status: value["status"] };
  return isWireError(value["error"]) ? { error: value["error"] } : undefined;
}

export function toWire(error: unknown): WireError {
  if (isPenstockError(error)) {
    const { code, message, hint } = error;
    return { code, message, hint };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: "BUG",
    message: `Cannot carry out the command: ${reason}`,
    hint: "Please report it; this is a bug in Penstock",
  };
}

/**
 * The error as the other side threw it. Its words are taken over as they are: the other side may be a Penstock whose
 * catalogue knows more codes than ours, and `isPenstockError` holds across copies.
 */
export function fromWire({ code, message, hint }: WireError): Error {
  return Object.assign(new Error(message), { name: "PenstockError", code, hint, facts: {} });
}

function refuse(reason: string): PenstockError {
  return new PenstockError("CONTROL_REQUEST_INVALID", { reason });
}

/** What is looked into before anything else; the rest was written by the same user's Penstock. */
function isStatus(value: unknown): value is DeploymentStatus {
  if (!isTable(value) || !isTable(value["view"]) || !isTable(value["endpoints"])) return false;
  const { client, ranks } = value["endpoints"];
  const lists = [value["view"]["processes"], client, ranks];
  const words = [value["id"], value["outputDirectory"], value["logDirectory"], value["model"]];
  return lists.every(Array.isArray) && words.every((word) => typeof word === "string");
}

function isWireError(value: unknown): value is WireError {
  return isTable(value) && [value["code"], value["message"], value["hint"]].every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
