"""A small Qwen3 and Qwen3-MoE for training on a CPU.

The experts of a layer are one wide MLP whose hidden units are scaled by their expert's routing weight
(zero for experts not chosen). At this size that is faster than gathering tokens by expert.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from tokenizer import VOCAB_SIZE


@dataclass(frozen=True)
class Shape:
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 32
    intermediate: int = 384
    # 0 experts means a dense MLP.
    experts: int = 0
    experts_per_token: int = 2
    expert_intermediate: int = 64
    tied: bool = True
    rope_theta: float = 10000.0
    norm_eps: float = 1e-6


SHAPES = {
    "penstock/reverse-moe": Shape(experts=8, tied=False),
    "penstock/reverse-dense": Shape(),
}


class RMSNorm(nn.Module):
    def __init__(self, size: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        x32 = x.float()
        return (self.weight * x32 * torch.rsqrt(x32.pow(2).mean(-1, keepdim=True) + self.eps)).to(x.dtype)


def rope_tables(length: int, shape: Shape) -> tuple[torch.Tensor, torch.Tensor]:
    exponents = torch.arange(0, shape.head_dim, 2).float() / shape.head_dim
    angles = torch.arange(length).float()[:, None] * shape.rope_theta**-exponents
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos(), angles.sin()


def rotate(x, cos, sin):
    first, second = x.chunk(2, dim=-1)
    return (x * cos + torch.cat([-second, first], dim=-1) * sin).to(x.dtype)


class Attention(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.q_proj = nn.Linear(shape.hidden, shape.heads * shape.head_dim, bias=False)
        self.k_proj = nn.Linear(shape.hidden, shape.kv_heads * shape.head_dim, bias=False)
        self.v_proj = nn.Linear(shape.hidden, shape.kv_heads * shape.head_dim, bias=False)
        self.o_proj = nn.Linear(shape.heads * shape.head_dim, shape.hidden, bias=False)
        self.q_norm = RMSNorm(shape.head_dim, shape.norm_eps)
        self.k_norm = RMSNorm(shape.head_dim, shape.norm_eps)

    def forward(self, x, cos, sin):
        batch, length, _ = x.shape
        split = (batch, length, -1, self.shape.head_dim)
        q = rotate(self.q_norm(self.q_proj(x).view(split)).transpose(1, 2), cos, sin)
        k = rotate(self.k_norm(self.k_proj(x).view(split)).transpose(1, 2), cos, sin)
        v = self.v_proj(x).view(split).transpose(1, 2)
        group = self.shape.heads // self.shape.kv_heads
        k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, length, -1))


class DenseMLP(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden, shape.intermediate, bias=False)
        self.up_proj = nn.Linear(shape.hidden, shape.intermediate, bias=False)
        self.down_proj = nn.Linear(shape.intermediate, shape.hidden, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x)), x.new_zeros((), dtype=torch.float32)


class MoE(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        wide = shape.experts * shape.expert_intermediate
        self.gate = nn.Linear(shape.hidden, shape.experts, bias=False)
        self.gate_proj = nn.Linear(shape.hidden, wide, bias=False)
        self.up_proj = nn.Linear(shape.hidden, wide, bias=False)
        self.down_proj = nn.Linear(wide, shape.hidden, bias=False)

    def route(self, x):
        """Returns each expert's weight for each token, and the load balancing loss (1 when even)."""
        probabilities = self.gate(x).float().softmax(dim=-1)
        top = probabilities.topk(self.shape.experts_per_token, dim=-1)
        chosen = torch.zeros_like(probabilities).scatter(-1, top.indices, 1.0)
        weights = probabilities * chosen
        weights = weights / weights.sum(dim=-1, keepdim=True)
        load = chosen.flatten(0, -2).mean(0) / self.shape.experts_per_token
        balance = self.shape.experts * (load * probabilities.flatten(0, -2).mean(0)).sum()
        return weights, balance

    def forward(self, x):
        weights, balance = self.route(x)
        hidden = F.silu(self.gate_proj(x)) * self.up_proj(x)
        by_expert = hidden.unflatten(-1, (self.shape.experts, -1)) * weights.unsqueeze(-1).to(hidden.dtype)
        return self.down_proj(by_expert.flatten(-2)), balance


class Layer(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.input_layernorm = RMSNorm(shape.hidden, shape.norm_eps)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = RMSNorm(shape.hidden, shape.norm_eps)
        self.mlp = MoE(shape) if shape.experts else DenseMLP(shape)

    def forward(self, x, cos, sin):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        mixed, balance = self.mlp(self.post_attention_layernorm(x))
        return x + mixed, balance


class Model(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(VOCAB_SIZE, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = RMSNorm(shape.hidden, shape.norm_eps)
        self.lm_head = nn.Linear(shape.hidden, VOCAB_SIZE, bias=False)
        self.initialise()
        if shape.tied:
            self.lm_head.weight = self.embed_tokens.weight

    def initialise(self):
        for name, parameter in self.named_parameters():
            if parameter.dim() != 2:
                continue
            # Residual branches start near silent, which lets the first steps be large.
            quiet = name.endswith(("o_proj.weight", "down_proj.weight"))
            nn.init.normal_(parameter, std=(0.3 if quiet else 1.0) / parameter.shape[-1] ** 0.5)

    def forward(self, tokens):
        """Returns the logits and the load balancing loss, averaged over the layers."""
        cos, sin = rope_tables(tokens.shape[1], self.shape)
        x = self.embed_tokens(tokens)
        balance = 0.0
        for layer in self.layers:
            x, layer_balance = layer(x, cos, sin)
            balance = balance + layer_balance / self.shape.layers
        return self.lm_head(self.norm(x)).float(), balance
