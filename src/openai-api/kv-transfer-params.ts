import * as z from "zod";
import { invalidValue } from "./api-error.ts";
import { kvBlockIdsMax } from "./limits.ts";

const field = "kv_transfer_params";

/** vLLM's keys, as NixlConnector has them; others are ignored, null is as good as leaving a key out. */
export const kvTransferParamsField = z
  .object({
    do_remote_decode: z.boolean().nullish(),
    do_remote_prefill: z.boolean().nullish(),
    remote_engine_id: z.string().max(256).nullish(),
    remote_request_id: z.string().max(256).nullish(),
    remote_host: z.string().max(255).nullish(),
    remote_port: z.int().nullish(),
    /** A list for each KV cache group, of which this engine has one. */
    remote_block_ids: z.array(z.array(z.int()).max(kvBlockIdsMax)).max(1).nullish(),
    remote_num_tokens: z.int().nullish(),
  })
  .nullish();

/** Blocks that another engine holds for the request. */
export interface RemoteBlocks {
  readonly engineId: string;
  readonly requestId: string;
  readonly host: string;
  readonly port: number;
  readonly blockIds: readonly number[];
  /** null: the whole prompt. */
  readonly tokenCount: number | null;
}

/** What a request says about its KV blocks; null where it says nothing. */
export type KvTransferWish =
  | { readonly kind: "remote-decode" }
  | { readonly kind: "remote-prefill"; readonly blocks: RemoteBlocks }
  | null;

/** @throws ApiError 400 for what vLLM would assert */
export function kvTransferWishOf(
  params: z.infer<typeof kvTransferParamsField>,
  { stream }: { readonly stream: boolean },
): KvTransferWish {
  const isForDecode = params?.do_remote_decode === true;
  if (!params || (!isForDecode && params.do_remote_prefill !== true)) return null;
  if (isForDecode && params.do_remote_prefill === true)
    throw invalidValue(field, "both", "do_remote_decode and do_remote_prefill exclude each other.");
  if (isForDecode && stream)
    throw invalidValue(field, "stream", "do_remote_decode needs stream to be false.");
  if (isForDecode) return { kind: "remote-decode" };
  const given = <Key extends keyof typeof params>(key: Key): NonNullable<(typeof params)[Key]> => {
    const value = params[key];
    if (value === undefined || value === null)
      throw invalidValue(field, "null", `do_remote_prefill needs ${key}.`);
    return value;
  };
  const [blockIds = []] = given("remote_block_ids");
  const blocks = {
    engineId: given("remote_engine_id"),
    requestId: given("remote_request_id"),
    host: given("remote_host"),
    port: given("remote_port"),
    blockIds,
    tokenCount: params.remote_num_tokens ?? null,
  };
  return { kind: "remote-prefill", blocks };
}

/** The response's `kv_transfer_params`, which a decode request brings along as they are. */
export interface KvTransferParams {
  readonly do_remote_prefill: true;
  readonly do_remote_decode: false;
  readonly remote_block_ids: readonly [readonly number[]];
  readonly remote_engine_id: string;
  readonly remote_request_id: string;
  readonly remote_host: string;
  readonly remote_port: number;
  readonly tp_size: 1;
  readonly remote_num_tokens: number | null;
  readonly remote_blocks_expiry_time: null;
  readonly transfer_mode: "pull";
}

export function kvTransferParams(blocks: RemoteBlocks): KvTransferParams {
  return {
    do_remote_prefill: true,
    do_remote_decode: false,
    remote_block_ids: [blocks.blockIds],
    remote_engine_id: blocks.engineId,
    remote_request_id: blocks.requestId,
    remote_host: blocks.host,
    remote_port: blocks.port,
    tp_size: 1,
    remote_num_tokens: blocks.tokenCount,
    remote_blocks_expiry_time: null,
    transfer_mode: "pull",
  };
}
