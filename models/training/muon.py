"""Muon: momentum whose matrix update is replaced by the nearest orthogonal matrix.

On these tasks it needs several times fewer tokens than AdamW. Matrices of one shape are stacked, since
one batched product is much cheaper than many small ones. See Jordan et al., 2024.
"""

from collections import defaultdict

import torch

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalise(stack: torch.Tensor, iterations: int = 5) -> torch.Tensor:
    """Drives all singular values of each matrix towards 1 by a Newton-Schulz iteration."""
    a, b, c = COEFFICIENTS
    tall = stack.shape[-2] > stack.shape[-1]
    x = stack.transpose(-1, -2) if tall else stack
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(iterations):
        gram = x @ x.transpose(-1, -2)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.transpose(-1, -2) if tall else x


class Muon(torch.optim.Optimizer):
    """`views` are functions that show a parameter as a stack of matrices, [count, rows, columns]."""

    def __init__(self, parameters, views, lr: float, momentum: float = 0.95, weight_decay: float = 0.01):
        super().__init__(parameters, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))
        self.views = views

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            stacks = defaultdict(list)
            for parameter in group["params"]:
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter)
                state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                nesterov = parameter.grad.lerp(state["momentum"], group["momentum"])
                view = self.views[parameter]
                stacks[view(parameter).shape[1:]].append((view(parameter), view(nesterov)))
            for (rows, columns), entries in stacks.items():
                update = orthogonalise(torch.cat([gradient for _, gradient in entries]))
                scale = group["lr"] * max(1.0, rows / columns) ** 0.5
                parts = update.split([gradient.shape[0] for _, gradient in entries])
                for (weights, _), part in zip(entries, parts):
                    weights.mul_(1 - group["lr"] * group["weight_decay"]).sub_(part, alpha=scale)
