"""The network of the embedded models in torch, for training only; `agentflow.nano.transformer` is the same in NumPy.

Documents are read in both directions and each on its own; a block, which is a question with its answer, is read from
left to right over its document, the documents and blocks shown before it, and itself. An answer's next token is
drawn from the vocabulary or pointed at in the document (pointer-generator: See, Liu and Manning, 2017).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

DOCUMENT = 512
"""Positions that one document takes, and so its most tokens."""
POINTER = 64
"""Channels in which an answer's token is matched with the document's."""
HEAD = 64
"""Channels of one attention head."""
EPSILON = 1e-6
BASE = 10_000.0
"""Of the rotary positions."""

Turn = tuple[Tensor, Tensor]
Attend = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Shape:
    """How large a network is."""

    width: int
    layers: int
    vocabulary: int

    @property
    def heads(self) -> int:
        """Attention heads of one layer."""
        return self.width // HEAD


@dataclass
class Batch:
    """Groups of receipts of one layout, padded. G groups, K documents each of L tokens, and S tokens of blocks."""

    documents: Tensor
    """[G, K, L] tokens, 0 where padded."""
    blocks: Tensor
    """[G, S] tokens of all blocks one after another, 0 where padded."""
    field: Tensor
    """[G, S] which question a token belongs to, -1 where padded."""
    shot: Tensor
    """[G, S] the index of the document that a token's block asks about."""
    offset: Tensor
    """[G, S] position of the token in its block."""
    target: Tensor
    """[G, S] the token that has to follow, -1 where nothing is learned."""
    source: Tensor
    """[G, S, P] places in its document where that token stands within the whole answer, -1 where there are fewer."""
    demonstrated: Tensor
    """[G] whether blocks see the documents and blocks before theirs."""


class Layer(nn.Module):
    """Attention with normalised queries and keys, and a feed-forward of squared rectified units."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.attn_norm = nn.Parameter(torch.ones(width))
        self.ffn_norm = nn.Parameter(torch.ones(width))
        self.attn_scale = nn.Parameter(torch.full((shape.heads,), HEAD**-0.5 * 2))
        self.attn_qkv = nn.Linear(width, 3 * width, bias=False)
        self.attn_output = nn.Linear(width, width, bias=False)
        self.ffn_up = nn.Linear(width, 4 * width, bias=False)
        self.ffn_down = nn.Linear(4 * width, width, bias=False)

    def project(self, x: Tensor, turn: Turn) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values as [rows, heads, tokens, channels]."""
        rows, tokens, width = x.shape
        qkv = self.attn_qkv(F.rms_norm(x, (width,), self.attn_norm, EPSILON))
        q, k, v = qkv.view(rows, tokens, 3, self.heads, HEAD).permute(2, 0, 3, 1, 4)
        q, k = rotated(F.rms_norm(q, (HEAD,), eps=EPSILON), turn), rotated(F.rms_norm(k, (HEAD,), eps=EPSILON), turn)
        return q * self.attn_scale.to(q.dtype)[:, None, None], k, v

    def finish(self, x: Tensor, mixed: Tensor) -> Tensor:
        """Add what attention gathered, then the feed-forward."""
        rows, _, tokens, _ = mixed.shape
        x = x + self.attn_output(mixed.transpose(1, 2).reshape(rows, tokens, -1))
        up = self.ffn_up(F.rms_norm(x, (x.shape[-1],), self.ffn_norm, EPSILON))
        return x + self.ffn_down(F.relu(up).square())


class Network(nn.Module):
    """The whole model."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.token_prev = nn.Linear(shape.width, shape.width, bias=False)
        self.blk = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.output_norm = nn.Parameter(torch.ones(shape.width))
        self.pointer_q = nn.Linear(shape.width, POINTER, bias=False)
        self.pointer_k = nn.Linear(shape.width, POINTER, bias=False)
        self.gate = nn.Linear(shape.width, 1)
        self.attend: Attend = attend
        self._initialise()

    def _initialise(self) -> None:
        nn.init.normal_(self.token_embd.weight, std=0.1)
        for name, weight in self.named_parameters():
            if weight.ndim == 2 and name != "token_embd.weight":
                nn.init.normal_(weight, std=0.6 * weight.shape[1] ** -0.5)
            if name.endswith(("attn_output.weight", "ffn_down.weight", "gate.weight")):
                nn.init.zeros_(weight)

    def fuse(self) -> None:
        """Compile what is called most often. Needs a C compiler."""
        for layer in self.blk:
            layer.project = torch.compile(layer.project, dynamic=True)
            layer.finish = torch.compile(layer.finish, dynamic=True)
        self.attend = torch.compile(attend, dynamic=True)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the vocabulary [N, V], of the pointer [N, K*L] (-inf outside the own document) and of the gate
        [N], for the N places where something is learned, in the order of `batch.target[batch.target >= 0]`."""
        groups, shots, length = batch.documents.shape
        documents = batch.documents.reshape(groups * shots, length)
        x = self._embed(documents, torch.arange(length).expand_as(documents))
        y = self._embed(batch.blocks, batch.offset)
        inside = _hiding((documents > 0)[:, None, None, :])
        seen = _hiding(_visible(batch)[:, None])
        x_turn = turn_of(torch.arange(length))
        y_turn = turn_of((DOCUMENT * (batch.shot + 1) + batch.offset)[:, None])
        moved = turn_of(DOCUMENT * torch.arange(shots).repeat_interleave(length))
        for layer in self.blk:
            q, k, v = layer.project(x, x_turn)
            bq, bk, bv = layer.project(y, y_turn)
            keys = torch.cat([rotated(_by_group(k, groups), moved), bk], dim=2)
            values = torch.cat([_by_group(v, groups), bv], dim=2)
            x, y = layer.finish(x, self.attend(q, k, v, inside)), layer.finish(y, self.attend(bq, keys, values, seen))
        return self._heads(batch, x.reshape(groups, shots * length, -1), y)

    def _embed(self, tokens: Tensor, offset: Tensor) -> Tensor:
        """Each token's embedding, and a trace of the one before it in the same document or block."""
        embedded = self.token_embd(tokens)
        before = F.pad(embedded[:, :-1], (0, 0, 1, 0)) * (offset > 0)[..., None]
        x: Tensor = embedded + self.token_prev(before)
        return x

    def _heads(self, batch: Batch, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        width = x.shape[-1]
        x = F.rms_norm(x, (width,), self.output_norm, EPSILON)
        y = F.rms_norm(y, (width,), self.output_norm, EPSILON)
        groups, shots, length = batch.documents.shape
        pointed = self.pointer_q(y) @ self.pointer_k(x).transpose(1, 2) * POINTER**-0.5
        own = torch.arange(shots).repeat_interleave(length)[None, None] == batch.shot[..., None]
        own = own & (batch.documents.reshape(groups, 1, -1) > 0)
        pointed = pointed.float().masked_fill(~own, float("-inf"))
        learned = batch.target >= 0
        h = y[learned]
        return (h @ self.token_embd.weight.T).float(), pointed[learned], self.gate(h).float()[:, 0]


def losses(batch: Batch, heads: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Negative log-probability of each target, [N]."""
    logits, pointed, gate = heads
    target = batch.target[batch.target >= 0]
    written = F.log_softmax(logits, -1).gather(1, target[:, None])[:, 0] + F.logsigmoid(gate)
    same = _pointed_at(batch, target)
    every = torch.logsumexp(pointed, -1)
    matching = torch.logsumexp(pointed.masked_fill(~same, -1e9), -1)
    return -torch.logaddexp(written, matching - every + F.logsigmoid(-gate))


def likeliest(batch: Batch, heads: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """The likeliest next token at each of the N places, [N]."""
    logits, pointed, gate = heads
    share = torch.sigmoid(gate)[:, None]
    chances = share * logits.softmax(-1)
    chances.scatter_add_(1, _documents_of(batch), (1 - share) * pointed.softmax(-1))
    return chances.argmax(-1)


def attend(q: Tensor, k: Tensor, v: Tensor, hiding: Tensor) -> Tensor:
    """What each query gathers; plain products are twice as fast here as the fused kernel for processors."""
    return torch.matmul(torch.softmax(torch.matmul(q, k.transpose(-1, -2)) + hiding.to(q.dtype), -1), v)


def turn_of(positions: Tensor) -> Turn:
    """Cosine and sine of the angle of every pair of channels at these positions, [..., HEAD / 2] each."""
    angles = positions[..., None].float() * BASE ** -(torch.arange(0, HEAD, 2).float() / HEAD)
    return angles.cos(), angles.sin()


def rotated(x: Tensor, turn: Turn) -> Tensor:
    """*x* turned by *turn*, the first half of its channels against the second."""
    one, two = x.chunk(2, -1)
    cos, sin = (part.to(x.dtype) for part in turn)
    return torch.cat([one * cos - two * sin, two * cos + one * sin], -1)


def _hiding(visible: Tensor) -> Tensor:
    """What is added to the scores so that only what is visible counts."""
    return torch.zeros(visible.shape).masked_fill_(~visible, -30_000.0)


def _by_group(x: Tensor, groups: int) -> Tensor:
    """[G*K, H, L, C] as [G, H, K*L, C]."""
    rows, heads, length, channels = x.shape
    return x.view(groups, rows // groups, heads, length, channels).transpose(1, 2).reshape(groups, heads, -1, channels)


def _documents_of(batch: Batch) -> Tensor:
    """Every document token of the group a target belongs to, [N, K*L]."""
    groups, shots, length = batch.documents.shape
    learned = batch.target >= 0
    group = torch.arange(groups)[:, None].expand_as(learned)[learned]
    return batch.documents.reshape(groups, shots * length)[group]


def _pointed_at(batch: Batch, target: Tensor) -> Tensor:
    """What may be pointed at, [N, K*L]: the target where the whole answer stands, else wherever the token stands."""
    learned = batch.target >= 0
    source = batch.source[learned]
    same = _documents_of(batch) == target[:, None]
    place = (batch.shot[learned] * batch.documents.shape[2])[:, None] + source
    exact = torch.zeros(len(same), same.shape[1] + 1, dtype=torch.bool)
    exact.scatter_(1, torch.where(source >= 0, place, same.shape[1]), True)
    return torch.where((source[:, :1] >= 0), exact[:, :-1], same)


def _visible(batch: Batch) -> Tensor:
    """What each block token may look at: [G, S, K*L + S]."""
    groups, shots, length = batch.documents.shape
    shown = torch.arange(shots).repeat_interleave(length)[None, None]
    shot, demonstrated = batch.shot[..., None], batch.demonstrated[:, None, None]
    documents = ((shown == shot) | ((shown < shot) & demonstrated)) & (batch.documents.reshape(groups, 1, -1) > 0)
    same = (batch.field[:, :, None] == batch.field[:, None, :]) & (batch.field[:, None, :] >= 0)
    earlier = (batch.shot[:, None, :] < shot) & demonstrated
    causal = (batch.shot[:, None, :] == shot) & (batch.offset[:, None, :] <= batch.offset[:, :, None])
    itself = torch.eye(batch.blocks.shape[1], dtype=torch.bool)[None]
    return torch.cat([documents, (same & (earlier | causal)) | itself], -1)
