/** A model on the hub. */
export interface HubId {
  /** `org/name`. */
  readonly name: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

const defaultRevision = "main";

// The rules of huggingface_hub's validate_repo_id, and those of git for what a reference is called.
const idPattern = /^([\w.-]{1,96}\/[\w.-]{1,96})(?:@([\w.][\w./+-]{0,199}))?$/;

/** Reads `org/name` or, as Hugging Face's file system has it, `org/name@revision`; undefined for anything else. */
export function parseHubId(text: string): HubId | undefined {
  const [, name, revision = defaultRevision] = idPattern.exec(text) ?? [];
  if (name === undefined || !name.split("/").every(isPlainPart)) return undefined;
  if (!revision.split("/").every((part) => part !== "" && part !== "." && part !== ".."))
    return undefined;
  return { name, revision };
}

/** As a user writes it. */
export function formatHubId({ name, revision }: HubId): string {
  return revision === defaultRevision ? name : `${name}@${revision}`;
}

/** A part becomes part of a folder's name, in which `--` separates. */
function isPlainPart(part: string): boolean {
  return !/^[.-]|[.-]$|--|\.\./.test(part);
}
