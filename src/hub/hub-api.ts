import { listFiles, modelInfo } from "@huggingface/hub";
import { PenstockError } from "../errors/mod.ts";
import type { HubConnection } from "./hub-connection.ts";
import { parseRepoFile, type RepoFile } from "./repo-file.ts";

/**
 * The commit that a model's revision stands for at this moment.
 *
 * @throws PenstockError HUB_MODEL_NOT_FOUND, HUB_ACCESS_DENIED, HUB_UNREACHABLE, HUB_ANSWER_INVALID
 */
export async function askForCommit(connection: HubConnection): Promise<string> {
  const { name, revision } = connection.id;
  const { sha } = await reading(connection, () =>
    modelInfo({ ...viaConnection(connection), name, revision, additionalFields: ["sha"] }),
  );
  if (typeof sha === "string" && /^[0-9a-f]{40}$/.test(sha)) return sha;
  throw connection.invalid("it names no commit");
}

/**
 * The files of a commit that stand at its top, where a model's files are.
 *
 * @throws PenstockError as askForCommit does
 */
export async function askForFiles(
  connection: HubConnection,
  commit: string,
): Promise<readonly RepoFile[]> {
  return await reading(connection, async () => {
    const repo = { type: "model", name: connection.id.name } as const;
    const files: RepoFile[] = [];
    let entryCount = 0;
    for await (const entry of listFiles({
      ...viaConnection(connection),
      repo,
      revision: commit,
    })) {
      entryCount += 1;
      if (entryCount > connection.limits.filesMax)
        throw new RangeError(`it lists more than ${connection.limits.filesMax} files`);
      const file = parseRepoFile(entry);
      if (file !== undefined) files.push(file);
    }
    return files;
  });
}

/** What one call of the package may ask, and how. */
function viaConnection(connection: HubConnection) {
  const { pagesMax } = connection.limits;
  let pageCount = 0;
  const ask = (url: string, init?: RequestInit): Promise<Response> => {
    pageCount += 1;
    if (pageCount > pagesMax) throw new RangeError(`it lists more than ${pagesMax} pages`);
    return connection.ask(url, init);
  };
  return { hubUrl: connection.settings.endpoint, fetch: ask as typeof fetch };
}

/** What the package or a check of ours does not find in an answer. */
async function reading<Result>(
  connection: HubConnection,
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof PenstockError) throw error;
    throw connection.invalid((error as Error).message);
  }
}
