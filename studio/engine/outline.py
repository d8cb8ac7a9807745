"""What a network is made of, part by part: for people who want to see what the recipe builds."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

from studio.models.attention_decoders import RecurrentDecoder, TransformerDecoder
from studio.models.candidates import CandidateHead
from studio.models.crf import LinearChain
from studio.models.input_layer import OneHot
from studio.models.library_encoder_decoder import LibraryEncoderDecoder
from studio.models.ngrams import NgramEmbedding
from studio.models.pooling import Pooling
from studio.models.pretrained import PretrainedEncoder
from studio.models.pretrained_decoder import PretrainedDecoder
from studio.models.recurrent import RecurrentEncoder
from studio.models.text_cnn import ConvolutionEncoder
from studio.models.transformer import Layer, TransformerEncoder
from studio.runs.estimates import NetworkPart

_DEPTH = 3  # parts of parts of parts; what lies deeper is one with them
# The first kind that fits counts.
_KINDS: tuple[tuple[str, tuple[type[nn.Module], ...]], ...] = (
    ("embedding", (nn.Embedding, nn.EmbeddingBag)),
    ("one_hot", (OneHot,)),
    ("ngrams", (NgramEmbedding,)),
    ("norm", (nn.LayerNorm, nn.GroupNorm, nn.BatchNorm1d)),
    ("layer", (Layer,)),
    ("pretrained", (PretrainedEncoder,)),
    ("encoder", (TransformerEncoder, RecurrentEncoder, ConvolutionEncoder)),
    ("pretrained_decoder", (PretrainedDecoder,)),
    ("decoder", (RecurrentDecoder, TransformerDecoder)),
    ("recurrent", (nn.RNNBase, nn.RNNCellBase)),
    ("convolution", (nn.Conv1d, nn.Conv2d)),
    ("candidates", (CandidateHead,)),
    ("pooling", (Pooling,)),
    ("crf", (LinearChain,)),
    ("linear", (nn.Linear,)),
)
_WHOLE = {"embedding", "one_hot", "ngrams", "norm", "recurrent", "convolution", "candidates", "linear", "crf"}
# By the names that the transformers library gives its classes, which differ from kind to kind.
_NAMED = (
    ("norm", ("Norm",)),
    ("layer", ("Layer", "Block")),
    ("attention", ("Attention",)),
    ("feed_forward", ("MLP", "LayerFF")),
    ("linear", ("Conv1D",)),
    ("embedding", ("Embedding",)),
    ("network", ("Model",)),
)
_WRAPS = ("pretrained_decoder",)
_OWN = "own"  # numbers that belong to a part itself: biases, tables


def outline(model: nn.Module) -> tuple[NetworkPart, ...]:
    """The parts of a model, alike ones that follow each other told once. A number that two parts share counts once."""
    name = ""
    if isinstance(model, LibraryEncoderDecoder):
        model, name = _inside(model, name)
    return tuple(_parts(model, name, set(), _DEPTH))


def _parts(module: nn.Module, name: str, seen: set[int], depth: int) -> Iterator[NetworkPart]:
    found: list[NetworkPart] = []
    for child_name, child in module.named_children():
        place = f"{name}.{child_name}" if name else child_name
        if isinstance(child, nn.ModuleList | nn.Sequential | nn.ModuleDict):
            found += _parts(child, place, seen, depth)
            continue
        part = _part(child, place, seen, depth)
        if part.parameters:
            found.append(part)
    own = [p for p in module.parameters(recurse=False) if id(p) not in seen]
    if own:
        seen.update(map(id, own))
        found.append(
            NetworkPart(
                kind=_OWN,
                name=name,
                shape=", ".join(" × ".join(f"{size:,}" for size in p.shape) for p in own),
                parameters=sum(p.numel() for p in own),
                learnt=sum(p.numel() for p in own if p.requires_grad),
            )
        )
    yield from _together(found)


def _part(module: nn.Module, name: str, seen: set[int], depth: int) -> NetworkPart:
    kind = next((kind for kind, classes in _KINDS if isinstance(module, classes)), "other")
    if kind == "other":
        kind = next((kind for kind, ends in _NAMED if type(module).__name__.endswith(ends)), kind)
    last = name.rpartition(".")[2]
    if kind == "other" and last in ("encoder", "decoder"):
        kind = last
    if kind in _WRAPS:
        module, name = _inside(module, name)
    parts: tuple[NetworkPart, ...] = ()
    if kind not in _WHOLE and depth > 1 and any(True for _ in module.children()):
        parts = tuple(_parts(module, name, seen, depth - 1))
        parameters = sum(part.parameters * part.times for part in parts)
        learnt = sum(part.learnt * part.times for part in parts)
        if len(parts) == 1 and parts[0].kind == _OWN:
            parts = ()
    else:
        fresh = [p for p in module.parameters() if id(p) not in seen]
        seen.update(map(id, fresh))
        parameters = sum(p.numel() for p in fresh)
        learnt = sum(p.numel() for p in fresh if p.requires_grad)
    return NetworkPart(
        kind=kind, name=name, shape=_shape(module), parameters=parameters, learnt=learnt, parts=parts
    )


def _inside(module: nn.Module, name: str) -> tuple[nn.Module, str]:
    """What is within modules that hold one other with all of their numbers, and its name."""
    while True:
        own = {id(p) for p in module.parameters()}
        whole = [
            (inner, child)
            for inner, child in module.named_children()
            if own and {id(p) for p in child.parameters()} == own
        ]
        if len(whole) != 1 or isinstance(whole[0][1], nn.ModuleList):
            return module, name
        name, module = f"{name}.{whole[0][0]}".lstrip("."), whole[0][1]


def _together(parts: list[NetworkPart]) -> Iterator[NetworkPart]:
    """Neighbours that differ in nothing but their number become one."""
    start = 0
    while start < len(parts):
        stop = start + 1
        while stop < len(parts) and _alike(parts[start], parts[stop]):
            stop += 1
        first = parts[start]
        yield first if stop == start + 1 else _times(first, stop - start)
        start = stop


def _alike(one: NetworkPart, other: NetworkPart) -> bool:
    same = (one.kind, one.shape, one.parameters, one.learnt, one.times)
    return (
        same == (other.kind, other.shape, other.parameters, other.learnt, other.times)
        and one.name.rpartition(".")[0] == other.name.rpartition(".")[0]
        and len(one.parts) == len(other.parts)
        and one.name.rpartition(".")[2].isdigit()
    )


def _times(part: NetworkPart, times: int) -> NetworkPart:
    return NetworkPart(
        kind=part.kind,
        name=part.name,
        shape=part.shape,
        parameters=part.parameters,
        learnt=part.learnt,
        times=times,
        parts=part.parts,
    )


def _shape(module: nn.Module) -> str:
    match module:
        case nn.Embedding() | nn.EmbeddingBag():
            return _arrow(module.num_embeddings, module.embedding_dim)
        case nn.Module(nf=int(after), nx=int(before)):  # GPT-2's linear layers
            return _arrow(before, after)
        case OneHot():
            return _arrow(*reversed(_sizes(next(module.parameters()))))
        case NgramEmbedding():
            return f"{module.buckets:,} × {module.table.shape[1]:,} → {module.project.out_features:,}"
        case nn.Linear():
            return _arrow(module.in_features, module.out_features)
        case nn.Conv1d():
            return f"{_arrow(module.in_channels, module.out_channels)}, {module.kernel_size[0]}"
        case nn.RNNBase():
            out = f"{module.hidden_size:,}"
            return f"{module.input_size:,} → {f'2 × {out}' if module.bidirectional else out}"
        case nn.RNNCellBase():
            return _arrow(module.input_size, module.hidden_size)
        case CandidateHead():
            return _arrow(module.weight.shape[1], module.weight.shape[0])
        case nn.LayerNorm():
            return f"{module.normalized_shape[0]:,}"
        case LinearChain():
            return " × ".join(f"{size:,}" for size in _sizes(next(module.parameters())))
    return ""


def _sizes(tensor: Tensor) -> tuple[int, ...]:
    return tuple(tensor.shape)


def _arrow(before: int, after: int) -> str:
    return f"{before:,} → {after:,}"
