"""Trains one bundled model on a CPU and writes its f32 weights; export.py turns them into a model folder."""

import argparse
import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
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


def learning_difficulty(progress: float) -> Difficulty:
    """Short words and dense plain lines first: they teach reversal with far fewer tokens."""
    ramp = min(1.0, progress / 0.3)
    return Difficulty(
        longest_word=round(3 + (LONGEST_WORD - 3) * ramp),
        plain_share=0.7 - 0.55 * ramp,
        most_turns=2 if ramp < 1 else 10,
        paraphrase_share=0.4 * ramp,
    )


def counting_difficulty(progress: float) -> Difficulty:
    """Half of all tasks count letters, in words of 2 letters at first."""
    ramp = min(1.0, progress / 0.6)
    return Difficulty(
        most_turns=3,
        paraphrase_share=0.2,
        longest_counted_word=round(2 + (LONGEST_WORD - 2) * ramp),
        count_weight=8.0,
        extra_count_share=0.5,
    )


def settling_difficulty(progress: float) -> Difficulty:
    """Everything at full width, and counting from short words up."""
    ramp = min(1.0, progress / 0.4)
    return Difficulty(longest_counted_word=round(3 + (LONGEST_WORD - 3) * ramp), count_weight=8.0)


@dataclass(frozen=True)
class Stage:
    phases: list[Phase]
    difficulty_at: Callable[[float], Difficulty]
    step_count: int
    muon_lr: float
    adam_lr: float

    def phase_at(self, progress: float) -> Phase:
        for phase in self.phases:
            if progress < phase.share:
                return phase
            progress -= phase.share
        return self.phases[-1]


STAGES = {
    "learn": Stage(
        [Phase(share=0.7, row_length=256, rows=24), Phase(share=0.3, row_length=1024, rows=6)],
        learning_difficulty,
        step_count=3000,
        muon_lr=0.02,
        adam_lr=3e-3,
    ),
    "count": Stage(
        [Phase(share=1.0, row_length=256, rows=24)],
        counting_difficulty,
        step_count=450,
        muon_lr=0.02,
        adam_lr=3e-3,
    ),
    "settle": Stage(
        [Phase(share=1.0, row_length=1024, rows=6)],
        settling_difficulty,
        step_count=400,
        muon_lr=0.01,
        adam_lr=2e-3,
    ),
}


class Packer:
    """Fills rows with whole documents and cuts the last; a row never starts in the middle of one.

    Tokens may attend to earlier documents of their row, which resembles a longer chat.
    """

    def __init__(self, seed: int, model_name: str):
        self.rng = random.Random(seed)
        self.model_name = model_name

    def row(self, length: int, difficulty: Difficulty) -> tuple[list[int], list[float]]:
        tokens, weights = [], []
        while len(tokens) < length + 1:
            document = draw_document(self.rng, difficulty, self.model_name)
            tokens += document.tokens
            weights += document.weights
        return tokens[: length + 1], weights[: length + 1]

    def batch(self, phase: Phase, difficulty: Difficulty) -> tuple[torch.Tensor, torch.Tensor]:
        rows = [self.row(phase.row_length, difficulty) for _ in range(phase.rows)]
        return torch.tensor([tokens for tokens, _ in rows]), torch.tensor([weights for _, weights in rows])


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


def make_optimizers(model: Model, shape: Shape, stage: Stage) -> list[torch.optim.Optimizer]:
    views = matrix_views(model, shape)
    others = [parameter for parameter in model.parameters() if parameter not in views]
    return [
        Muon(list(views), views, lr=stage.muon_lr),
        torch.optim.AdamW(others, lr=stage.adam_lr, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
    ]


def learning_rate_scale(progress: float) -> float:
    if progress < WARM_UP_SHARE:
        return progress / WARM_UP_SHARE
    if progress < DECAY_FROM_SHARE:
        return 1.0
    return max(0.0, (1 - progress) / (1 - DECAY_FROM_SHARE))


def weighted_loss(logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return (losses * weights.flatten()).sum() / weights.sum().clamp(min=1)


def right_share(logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> float:
    right = (logits.argmax(-1) == targets).float()
    return ((right * weights).sum() / weights.sum().clamp(min=1)).item()


def produce(packer: Packer, stage: Stage, batches: queue.Queue) -> None:
    for step in range(stage.step_count):
        progress = step / stage.step_count
        batches.put(packer.batch(stage.phase_at(progress), stage.difficulty_at(progress)))


def start_producer(packer: Packer, stage: Stage) -> queue.Queue:
    batches: queue.Queue = queue.Queue(maxsize=4)
    threading.Thread(target=produce, args=(packer, stage, batches), daemon=True).start()
    return batches


def set_learning_rates(optimizers: list[torch.optim.Optimizer], stage: Stage, progress: float) -> None:
    for optimizer, rate in zip(optimizers, (stage.muon_lr, stage.adam_lr)):
        for group in optimizer.param_groups:
            group["lr"] = rate * learning_rate_scale(progress)


def train(model_name: str, stage: Stage, seed: int, start_from: Path | None, checkpoint: Path) -> None:
    torch.manual_seed(seed)
    shape = SHAPES[model_name]
    model = Model(shape)
    if start_from is not None:
        model.load_state_dict(torch.load(start_from))
    forward = torch.compile(model, dynamic=False)
    optimizers = make_optimizers(model, shape, stage)
    batches = start_producer(Packer(seed, model_name), stage)
    start = time.time()
    for step in range(stage.step_count):
        set_learning_rates(optimizers, stage, step / stage.step_count)
        tokens, weights = batches.get()
        inputs, targets, weights = tokens[:, :-1].contiguous(), tokens[:, 1:], weights[:, 1:]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits, balance = forward(inputs)
        loss = weighted_loss(logits, targets, weights)
        (loss + BALANCE_WEIGHT * balance).backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        last = step == stage.step_count - 1
        if step % 50 == 0 or last:
            print(
                f"step {step} loss {loss.item():.4f} right {right_share(logits, targets, weights):.4f} "
                f"balance {balance.item():.3f} seconds {time.time() - start:.0f}",
                flush=True,
            )
        if step % 500 == 499 or last:
            torch.save(model.state_dict(), checkpoint)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=SHAPES)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--start-from", type=Path, help="the checkpoint of the stage before")
    parser.add_argument("--steps", type=int, help="instead of the stage's own count")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--checkpoint", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    stage = STAGES[arguments.stage]
    if arguments.steps is not None:
        stage = replace(stage, step_count=arguments.steps)
    train(arguments.model, stage, arguments.seed, arguments.start_from, arguments.checkpoint)


if __name__ == "__main__":
    main()
