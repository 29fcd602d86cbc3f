"""Turns trained weights into a Hugging Face model folder, and checks it against transformers."""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

from model import SHAPES, Model, Shape
from tokenizer import END_OF_TEXT_ID, IM_END_ID, MAX_POSITIONS, VOCAB_SIZE, write_tokenizer

# Two implementations of the same f32 arithmetic differ by rounding only.
LOGIT_TOLERANCE = 1e-3


def config(shape: Shape) -> dict:
    shared = {
        "attention_bias": False,
        "attention_dropout": 0.0,
        "eos_token_id": IM_END_ID,
        "head_dim": shape.head_dim,
        "hidden_act": "silu",
        "hidden_size": shape.hidden,
        "initializer_range": 0.02,
        "intermediate_size": shape.intermediate,
        "max_position_embeddings": MAX_POSITIONS,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "num_key_value_heads": shape.kv_heads,
        "pad_token_id": END_OF_TEXT_ID,
        "rms_norm_eps": shape.norm_eps,
        "rope_scaling": None,
        "rope_theta": shape.rope_theta,
        "sliding_window": None,
        "tie_word_embeddings": shape.tied,
        "torch_dtype": "bfloat16",
        "use_cache": True,
        "use_sliding_window": False,
        "vocab_size": VOCAB_SIZE,
    }
    if not shape.experts:
        return {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", **shared}
    return {
        "architectures": ["Qwen3MoeForCausalLM"],
        "model_type": "qwen3_moe",
        **shared,
        "decoder_sparse_step": 1,
        "mlp_only_layers": [],
        "moe_intermediate_size": shape.expert_intermediate,
        "norm_topk_prob": True,
        "num_experts": shape.experts,
        "num_experts_per_tok": shape.experts_per_token,
        "output_router_logits": False,
        "router_aux_loss_coef": 0.001,
    }


def generation_config() -> dict:
    # No temperature: a client that asks for none gets its own default, not ours.
    return {"do_sample": False, "eos_token_id": [IM_END_ID, END_OF_TEXT_ID], "pad_token_id": END_OF_TEXT_ID}


def split_experts(name: str, weight: torch.Tensor, shape: Shape) -> dict[str, torch.Tensor]:
    """Published Qwen3-MoE checkpoints hold one tensor for each expert and projection."""
    prefix, projection = name.removesuffix(".weight").rsplit(".", 1)
    axis = 1 if projection == "down_proj" else 0
    parts = weight.chunk(shape.experts, dim=axis)
    return {f"{prefix}.experts.{i}.{projection}.weight": part.contiguous() for i, part in enumerate(parts)}


def checkpoint_tensors(model: Model) -> dict[str, torch.Tensor]:
    tensors = {}
    for name, weight in model.state_dict().items():
        if name == "lm_head.weight":
            if not model.shape.tied:
                tensors[name] = weight
        elif model.shape.experts and ".mlp." in name and not name.endswith("mlp.gate.weight"):
            tensors.update(split_experts(f"model.{name}", weight, model.shape))
        else:
            tensors[f"model.{name}"] = weight
    return tensors


def write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n")


@torch.no_grad()
def check_against_transformers(model: Model, folder: Path) -> float:
    """Returns the largest difference between our logits and those of transformers, both in f32."""
    theirs = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    tokens = torch.randint(0, 256, (2, 200), generator=torch.Generator().manual_seed(0))
    difference = (model(tokens)[0] - theirs(tokens).logits).abs().max().item()
    if difference > LOGIT_TOLERANCE:
        raise SystemExit(f"{folder}: logits differ from transformers by {difference}")
    return difference


def export(model_name: str, checkpoint: Path, folder: Path) -> None:
    shape = SHAPES[model_name]
    model = Model(shape)
    model.load_state_dict(torch.load(checkpoint))
    model.to(torch.bfloat16)
    folder.mkdir(parents=True, exist_ok=True)
    weights_path = folder / "model.safetensors"
    save_file(checkpoint_tensors(model), weights_path, metadata={"format": "pt"})
    # safetensors writes files that only their owner can read.
    weights_path.chmod(0o644)
    write_json(folder / "config.json", config(shape))
    write_json(folder / "generation_config.json", generation_config())
    write_tokenizer(folder)
    # The same rounded weights, so only the order of the arithmetic can differ.
    difference = check_against_transformers(model.float(), folder)
    size = weights_path.stat().st_size
    count = sum(parameter.numel() for parameter in model.parameters())
    print(f"{folder}: {count} parameters, {size} bytes, logits within {difference:.1e} of transformers")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=SHAPES)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--root", type=Path, default=Path(__file__).parent.parent)
    arguments = parser.parse_args()
    export(arguments.model, arguments.checkpoint, arguments.root / arguments.model)


if __name__ == "__main__":
    main()
