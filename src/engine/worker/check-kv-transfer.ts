import { PenstockError } from "../../errors/mod.ts";
import { blocksFor } from "../kv-cache/mod.ts";
import type { EngineRequest, KvSource, KvTransferOptions, ModelSummary } from "../types.ts";

/** A block number of any engine. */
const blockIdMax = 2 ** 31 - 1;

/**
 * Refuses a hand-over that this engine takes no part in, or that says of its blocks what cannot be. Whether the blocks
 * are there is for the other engine to say.
 *
 * @throws PenstockError ENGINE_REQUEST_INVALID
 */
export function checkKvTransfer(
  request: EngineRequest,
  model: ModelSummary,
  options: KvTransferOptions | undefined,
): void {
  const { requestId, kvTransfer, promptTokenIds } = request;
  if (kvTransfer === undefined) return;
  const refuse = (reason: string): PenstockError =>
    new PenstockError("ENGINE_REQUEST_INVALID", { requestId, reason });
  if (options === undefined)
    throw refuse("it asks for a hand-over of KV blocks, this engine was started without a kv role");
  const stranger = kvTransfer.kind === "remote-decode" ? "kv_consumer" : "kv_producer";
  if (options.kvRole === stranger)
    throw refuse(`it asks for a ${kvTransfer.kind}, this engine has the role "${stranger}"`);
  if (kvTransfer.kind === "remote-decode") return;
  const mistake = mistakeOf(kvTransfer.source, promptTokenIds.length, model.blockSize);
  if (mistake !== null) throw refuse(mistake);
}

function mistakeOf(source: KvSource, promptLength: number, blockSize: number): string | null {
  const { requestId, host, port, blockIds, tokenCount } = source;
  if (!/^[0-9a-f]{32}$/.test(requestId)) return "its remote request id is none of an engine";
  if (!/^[\w.:%-]{1,255}$/.test(host)) return "its remote host is no name and no address";
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return `its remote port is "${port}", ports are 1 to 65535`;
  if (!Number.isInteger(tokenCount) || tokenCount < 1 || tokenCount > promptLength)
    return `its remote tokens are "${tokenCount}", its prompt has ${promptLength}`;
  const blockCount = blocksFor(tokenCount, blockSize);
  if (blockIds.length !== blockCount)
    return `it has ${blockIds.length} remote blocks, ${tokenCount} tokens take ${blockCount} blocks of ${blockSize}`;
  if (new Set(blockIds).size !== blockCount || !blockIds.every(isBlockId))
    return "its remote blocks are not numbers of blocks, each once";
  return null;
}

function isBlockId(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id <= blockIdMax;
}
