"""The checkpoints that make_truth.py makes, one entry each.

`config` holds the arguments of the transformers configuration class. `form` says how config.json is
written: "v4" (rope_theta, rope_scaling, torch_dtype) or "v5" (rope_parameters, dtype), since both are
found in published models.
"""

from dataclasses import dataclass

import torch
from transformers import LlamaConfig, Qwen2Config, Qwen3Config, Qwen3MoeConfig

BASE = dict(
    vocab_size=160,
    hidden_size=64,
    intermediate_size=96,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=512,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=0,
    tie_word_embeddings=False,
)


@dataclass
class Case:
    name: str
    config_class: type
    config: dict
    weights_dtype: torch.dtype = torch.float32
    form: str = "v5"
    shard_count: int = 1
    # transformers 4 wrote "type", later "rope_type"; readers must take either.
    v4_rope_type_key: str = "rope_type"


def rope(rope_type: str, theta: float = 10000.0, **parameters) -> dict:
    return {"rope_type": rope_type, "rope_theta": theta, **parameters}


CASES = [
    Case("llama", LlamaConfig, dict(BASE, rope_parameters=rope("default")), form="v4"),
    Case(
        "llama-llama3-rope",
        LlamaConfig,
        dict(
            BASE,
            num_hidden_layers=3,
            tie_word_embeddings=True,
            attention_bias=True,
            mlp_bias=True,
            rms_norm_eps=1e-5,
            rope_parameters=rope(
                "llama3",
                theta=5000.0,
                factor=8.0,
                low_freq_factor=1.0,
                high_freq_factor=4.0,
                # Short, so that several frequencies fall in each of the three bands.
                original_max_position_embeddings=64,
            ),
        ),
        weights_dtype=torch.float16,
        form="v4",
        shard_count=3,
    ),
    Case(
        "llama-linear-rope",
        LlamaConfig,
        dict(BASE, hidden_size=48, head_dim=16, rope_parameters=rope("linear", factor=2.5)),
        form="v4",
        v4_rope_type_key="type",
    ),
    Case(
        "llama-dynamic-rope",
        LlamaConfig,
        # The 48 prompt tokens already cross max_position_embeddings, which is the trained length here.
        dict(BASE, max_position_embeddings=32, rope_parameters=rope("dynamic", factor=4.0)),
        weights_dtype=torch.bfloat16,
    ),
    Case(
        "llama-longrope",
        LlamaConfig,
        dict(
            BASE,
            max_position_embeddings=128,
            rope_parameters=rope(
                "longrope",
                factor=4.0,
                original_max_position_embeddings=32,
                short_factor=[1.0 + 0.05 * i for i in range(8)],
                long_factor=[1.0 + 0.75 * i for i in range(8)],
            ),
        ),
        weights_dtype=torch.bfloat16,
    ),
    Case(
        "qwen2",
        Qwen2Config,
        dict(BASE, tie_word_embeddings=True, rope_parameters=rope("default", theta=1e6)),
        weights_dtype=torch.bfloat16,
        form="v4",
    ),
    Case(
        "qwen2-yarn",
        Qwen2Config,
        dict(
            BASE,
            max_position_embeddings=256,
            rope_parameters=rope("yarn", factor=4.0, original_max_position_embeddings=64),
        ),
        weights_dtype=torch.bfloat16,
        form="v4",
        v4_rope_type_key="type",
    ),
    Case(
        "qwen3",
        Qwen3Config,
        dict(BASE, head_dim=32, tie_word_embeddings=True, rope_parameters=rope("default", theta=1e6)),
        weights_dtype=torch.bfloat16,
    ),
    Case(
        "qwen3-moe",
        Qwen3MoeConfig,
        dict(
            BASE,
            head_dim=32,
            num_experts=8,
            num_experts_per_tok=2,
            moe_intermediate_size=32,
            norm_topk_prob=True,
            rope_parameters=rope("default", theta=1e6),
        ),
        weights_dtype=torch.bfloat16,
        form="v4",
    ),
    Case(
        "qwen3-moe-mixed",
        Qwen3MoeConfig,
        dict(
            BASE,
            num_hidden_layers=3,
            head_dim=16,
            num_experts=4,
            num_experts_per_tok=3,
            moe_intermediate_size=48,
            norm_topk_prob=False,
            # Layers 0 and 2 are dense: the sparse ones are those whose number plus one divides by the step.
            decoder_sparse_step=2,
            mlp_only_layers=[],
            rope_parameters=rope("default", theta=10000.0),
        ),
    ),
]
