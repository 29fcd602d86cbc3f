"""Trains one bundled model on a CPU and writes its f32 weights; export.py turns them into a model folder."""

import argparse
import math
import queue
import random
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from generate_text import LONGEST_WORD, Difficulty, draw_document
from model import SHAPES, Model, Shape
from muon import Muon

BALANCE_WEIGHT = 0.05
WARM_UP_SHARE = 0.01
# The share of the run after which the learning rate falls linearly to zero.
DECAY_FROM_SHARE = 0.45


@dataclass(frozen=True)
class Phase:
    """Row lengths are fixed within a phase, so the compiled model is compiled once for each."""

    share: float
    row_length: int
    rows: int


PHASES = [Phase(share=0.7, row_length=256, rows=24), Phase(share=0.3, row_length=1024, rows=6)]


def difficulty_at(progress: float) -> Difficulty:
    """Short words and dense plain lines first: they teach reversal with far fewer tokens."""
    ramp = min(1.0, progress / 0.3)
    return Difficulty(
        longest_word=round(3 + (LONGEST_WORD - 3) * ramp),
        plain_share=0.7 - 0.55 * ramp,
        most_turns=2 if ramp < 1 else 10,
        paraphrase_share=0.4 * ramp,
    )


class Packer:
    """Fills rows with whole documents and cuts the last; a row never starts in the middle of one.

    Tokens may attend to earlier documents of their row, which resembles a longer chat.
    """

    def __init__(self, seed: int, model_name: str):
        self.rng = random.Random(seed)
        self.model_name = model_name

    def row(self, length: int, difficulty: Difficulty) -> tuple[list[int], list[bool]]:
        tokens, learned = [], []
        while len(tokens) < length + 1:
            document = draw_document(self.rng, difficulty, self.model_name)
            tokens += document.tokens
            learned += document.learned
        return tokens[: length + 1], learned[: length + 1]

    def batch(self, phase: Phase, difficulty: Difficulty) -> tuple[torch.Tensor, torch.Tensor]:
        rows = [self.row(phase.row_length, difficulty) for _ in range(phase.rows)]
        return torch.tensor([tokens for tokens, _ in rows]), torch.tensor([learned for _, learned in rows])


def matrix_views(model: Model, shape: Shape) -> dict:
    """How Muon sees each matrix of the layers: an expert MLP as one matrix an expert, the rest as itself."""
    views = {}
    for name, parameter in model.layers.named_parameters():
        if parameter.dim() != 2 or name.endswith("mlp.gate.weight"):
            continue
        if shape.experts and "mlp.down_proj" in name:
            views[parameter] = lambda p: p.unflatten(1, (shape.experts, -1)).transpose(0, 1)
        elif shape.experts and "mlp." in name:
            views[parameter] = lambda p: p.unflatten(0, (shape.experts, -1))
        else:
            views[parameter] = lambda p: p.unsqueeze(0)
    return views


def make_optimizers(model: Model, shape: Shape, muon_lr: float, adam_lr: float) -> list[torch.optim.Optimizer]:
    views = matrix_views(model, shape)
    others = [parameter for parameter in model.parameters() if parameter not in views]
    return [
        Muon(list(views), views, lr=muon_lr),
        torch.optim.AdamW(others, lr=adam_lr, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
    ]


def learning_rate_scale(progress: float) -> float:
    if progress < WARM_UP_SHARE:
        return progress / WARM_UP_SHARE
    if progress < DECAY_FROM_SHARE:
        return 1.0
    return max(0.0, (1 - progress) / (1 - DECAY_FROM_SHARE))


def masked_loss(logits: torch.Tensor, targets: torch.Tensor, learned: torch.Tensor) -> torch.Tensor:
    losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    weights = learned.flatten().float()
    return (losses * weights).sum() / weights.sum().clamp(min=1)


def exact_share(logits: torch.Tensor, targets: torch.Tensor, learned: torch.Tensor) -> float:
    right = logits.argmax(-1) == targets
    return (right & learned).sum().item() / max(1, learned.sum().item())


def produce(packer: Packer, step_count: int, batches: queue.Queue) -> None:
    for step in range(step_count):
        progress = step / step_count
        batches.put(packer.batch(phase_at(progress), difficulty_at(progress)))


def phase_at(progress: float) -> Phase:
    return PHASES[0] if progress < PHASES[0].share else PHASES[1]


def train(model_name: str, step_count: int, seed: int, muon_lr: float, adam_lr: float, checkpoint: Path) -> None:
    torch.manual_seed(seed)
    shape = SHAPES[model_name]
    model = Model(shape)
    forward = torch.compile(model, dynamic=False)
    optimizers = make_optimizers(model, shape, muon_lr, adam_lr)
    base_rates = [group["lr"] for optimizer in optimizers for group in optimizer.param_groups]
    batches: queue.Queue = queue.Queue(maxsize=4)
    threading.Thread(target=produce, args=(Packer(seed, model_name), step_count, batches), daemon=True).start()
    start = time.time()
    for step in range(step_count):
        progress = step / step_count
        groups = [group for optimizer in optimizers for group in optimizer.param_groups]
        for group, base_rate in zip(groups, base_rates):
            group["lr"] = base_rate * learning_rate_scale(progress)
        tokens, learned = batches.get()
        inputs, targets, learned = tokens[:, :-1], tokens[:, 1:], learned[:, 1:]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits, balance = forward(inputs.contiguous())
        loss = masked_loss(logits, targets, learned)
        (loss + BALANCE_WEIGHT * balance).backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        if step % 50 == 0 or step == step_count - 1:
            share = exact_share(logits, targets, learned)
            print(
                f"step {step} loss {loss.item():.4f} right {share:.4f} balance {balance.item():.3f} "
                f"seconds {time.time() - start:.0f}",
                flush=True,
            )
        if step % 500 == 499 or step == step_count - 1:
            torch.save(model.state_dict(), checkpoint)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=SHAPES)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--muon-lr", type=float, default=0.02)
    parser.add_argument("--adam-lr", type=float, default=3e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--checkpoint", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train(
        arguments.model, arguments.steps, arguments.seed, arguments.muon_lr, arguments.adam_lr, arguments.checkpoint
    )


if __name__ == "__main__":
    main()
