"""Makes the tiny random checkpoints of cases.py and the logits that transformers computes for them.

A seed is taken only if no decision along the greedy continuation is close, so that another
implementation's f32 rounding cannot change a token: see acceptable().
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM
from transformers.utils.logging import disable_progress_bar

from cases import CASES, Case

PROMPT_LENGTH = 48
GREEDY_LENGTH = 64
MIN_LOGIT_GAP = 0.03
MIN_ROUTER_GAP = 1e-3
MIN_DISTINCT_TOKENS = 28
LOGIT_STD = 3.0
FIRST_ORDINARY_TOKEN = 3
V4_VERSION = "4.51.3"


def randomise(model: torch.nn.Module, generator: torch.Generator) -> None:
    """Gives every parameter a value that shows when it is left out or misplaced."""
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        fan_in = parameter.shape[-1]
        if "norm" in name:
            value = 1.0 + 0.3 * noise
        elif name.endswith("bias"):
            value = 0.3 * noise
        elif "embed_tokens" in name or "lm_head" in name:
            value = noise * LOGIT_STD / fan_in**0.5
        elif "q_proj" in name or "k_proj" in name:
            value = noise * 1.6 / fan_in**0.5
        elif name.endswith("mlp.gate.weight"):
            value = noise * 2.0 / fan_in**0.5
        else:
            value = noise * 1.4 / fan_in**0.5
        parameter.data.copy_(value)


def to_v4_form(config: dict, case: Case) -> dict:
    config = dict(config)
    rope = dict(config.pop("rope_parameters"))
    config["rope_theta"] = rope.pop("rope_theta")
    rope_type = rope.pop("rope_type")
    config["rope_scaling"] = None if rope_type == "default" else {case.v4_rope_type_key: rope_type, **rope}
    config["torch_dtype"] = config.pop("dtype")
    config["transformers_version"] = V4_VERSION
    config.pop("layer_types", None)
    # Older configs leave a head_dim of hidden_size / num_attention_heads to the reader.
    if config.get("head_dim") == config["hidden_size"] // config["num_attention_heads"]:
        del config["head_dim"]
    if "num_local_experts" in config:
        config["num_experts"] = config.pop("num_local_experts")
    return config


def rewrite_config(folder: Path, case: Case) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    if case.form == "v4":
        config = to_v4_form(config, case)
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def split_in_shards(folder: Path, shard_count: int) -> None:
    single = folder / "model.safetensors"
    tensors = load_file(single)
    single.unlink()
    names = sorted(tensors)
    per_shard = -(-len(names) // shard_count)
    weight_map = {}
    for shard in range(shard_count):
        file_name = f"model-{shard + 1:05d}-of-{shard_count:05d}.safetensors"
        part = {name: tensors[name] for name in names[shard * per_shard : (shard + 1) * per_shard]}
        save_file(part, folder / file_name, metadata={"format": "pt"})
        weight_map.update({name: file_name for name in part})
    total_size = sum(t.numel() * t.element_size() for t in tensors.values())
    index = {"metadata": {"total_size": total_size}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


def save_checkpoint(case: Case, seed: int, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    model = AutoModelForCausalLM.from_config(case.config_class(**case.config))
    randomise(model, torch.Generator().manual_seed(seed))
    model.to(case.weights_dtype).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    rewrite_config(folder, case)
    if case.shard_count > 1:
        split_in_shards(folder, case.shard_count)


def load_f32(folder: Path) -> torch.nn.Module:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    return model.eval()


def decode_greedily(model: torch.nn.Module, prompt: torch.Tensor, use_cache: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the tokens and the logits each was taken from. The end-of-sequence token is not special."""
    sequence, cache, tokens, logits = prompt, None, [], []
    for _ in range(GREEDY_LENGTH):
        fed = sequence[-1:] if cache is not None else sequence
        output = model(fed[None], past_key_values=cache, use_cache=use_cache)
        cache = output.past_key_values if use_cache else None
        logits.append(output.logits[0, -1])
        tokens.append(logits[-1].argmax())
        sequence = torch.cat([sequence, tokens[-1][None]])
    return torch.stack(tokens), torch.stack(logits)


def smallest_gap(values: torch.Tensor, rank: int) -> float:
    """The smallest difference, over the rows, between the value of this rank (from 1) and the next."""
    ordered = values.sort(dim=-1, descending=True).values
    return (ordered[..., rank - 1] - ordered[..., rank]).min().item()


def router_gap(model: torch.nn.Module, sequence: torch.Tensor) -> float:
    chosen = getattr(model.config, "num_experts_per_tok", None)
    if chosen is None:
        return float("inf")
    router_logits = model(sequence[None], output_router_logits=True).router_logits
    return min(smallest_gap(layer, chosen) for layer in router_logits)


def acceptable(model: torch.nn.Module, prompt: torch.Tensor, tokens: torch.Tensor, logits: torch.Tensor) -> bool:
    if smallest_gap(logits, 1) < MIN_LOGIT_GAP or len(set(tokens.tolist())) < MIN_DISTINCT_TOKENS:
        return False
    return router_gap(model, torch.cat([prompt, tokens])) >= MIN_ROUTER_GAP


@torch.no_grad()
def attempt(case: Case, seed: int, folder: Path) -> dict | None:
    save_checkpoint(case, seed, folder)
    generator = torch.Generator().manual_seed(seed + 1_000_000)
    vocab_size = case.config["vocab_size"]
    prompt = torch.randint(FIRST_ORDINARY_TOKEN, vocab_size, (PROMPT_LENGTH,), generator=generator)
    truth = {"prompt_token_ids": prompt}
    # Dynamic scaling rotates cached and fresh keys differently, so it has two right answers.
    for use_cache, suffix in ((True, ""), (False, "_without_cache")):
        if suffix and "dynamic" not in case.name:
            continue
        # A fresh model each time: a dynamic rope remembers the longest sequence it has seen.
        tokens, logits = decode_greedily(load_f32(folder), prompt, use_cache)
        if not acceptable(load_f32(folder), prompt, tokens, logits):
            return None
        truth[f"greedy_token_ids{suffix}"] = tokens
        truth[f"greedy_logits{suffix}"] = logits
    truth["logits"] = load_f32(folder)(prompt[None]).logits[0].contiguous()
    return truth


def make_case(case: Case, root: Path, max_seeds: int) -> None:
    folder = root / case.name
    for seed in range(max_seeds):
        truth = attempt(case, seed, folder)
        if truth is None:
            continue
        save_file(truth, folder / "truth.safetensors")
        spread = truth["logits"].std().item()
        gap = smallest_gap(truth["greedy_logits"], 1)
        distinct = len(set(truth["greedy_token_ids"].tolist()))
        print(f"{case.name}: seed {seed}, logit std {spread:.2f}, smallest gap {gap:.3f}, {distinct} distinct", flush=True)
        return
    raise SystemExit(f"{case.name}: no seed below {max_seeds} fits")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", action="append", help="only this case (repeatable)")
    parser.add_argument("--max-seeds", type=int, default=2000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    disable_progress_bar()
    root = Path(__file__).parent
    for case in CASES:
        if arguments.case is None or case.name in arguments.case:
            make_case(case, root, arguments.max_seeds)


if __name__ == "__main__":
    main()
