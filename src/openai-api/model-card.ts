/** One entry of `GET /v1/models`. */
export interface ModelCard {
  readonly id: string;
  readonly object: "model";
  /** Seconds since 1970. */
  readonly created: number;
  readonly owned_by: string;
  readonly root: string;
  readonly parent: string | null;
  readonly max_model_len: number | null;
  readonly permission: readonly ModelPermission[];
}

export interface ModelPermission {
  readonly id: string;
  readonly object: "model_permission";
  readonly created: number;
  readonly allow_create_engine: boolean;
  readonly allow_sampling: boolean;
  readonly allow_logprobs: boolean;
  readonly allow_search_indices: boolean;
  readonly allow_view: boolean;
  readonly allow_fine_tuning: boolean;
  readonly organization: string;
  readonly group: string | null;
  readonly is_blocking: boolean;
}

export interface ModelList {
  readonly object: "list";
  readonly data: readonly ModelCard[];
}

/** @param options.permissionId Unique; vLLM draws a new one for each answer. */
export function modelCard(options: {
  readonly id: string;
  readonly root: string;
  readonly created: number;
  readonly maxModelLen: number;
  readonly permissionId: string;
}): ModelCard {
  const { id, root, created, maxModelLen, permissionId } = options;
  const permission: ModelPermission = {
    id: permissionId,
    object: "model_permission",
    created,
    allow_create_engine: false,
    allow_sampling: true,
    allow_logprobs: true,
    allow_search_indices: false,
    allow_view: true,
    allow_fine_tuning: false,
    organization: "*",
    group: null,
    is_blocking: false,
  };
  return {
    id,
    object: "model",
    created,
    owned_by: "vllm",
    root,
    parent: null,
    max_model_len: maxModelLen,
    permission: [permission],
  };
}
