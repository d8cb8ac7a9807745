"""What the rows of a model's weights stand for: characters, labels, pairs of syllable and character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.data.symbols import Symbols
from studio.models.library_encoder_decoder import PREFIX as PAIR_PREFIX
from studio.models.pretrained import PREFIX
from studio.tasks.pinyin_to_hanzi import PinyinToHanzi
from studio.tasks.sequence_to_sequence import SequenceToSequence

_SPECIAL = ("<padding>", "<unknown>", "<boundary>")
# Weights with a row for each symbol, by the names that all networks over symbols give them.
_OF_SYMBOLS = ("embedding.weight", "output.weight", "bias")
_OF_TARGETS = ("written.weight", "output.weight", "bias")
# Those of networks of others, by the names that their libraries give them.
_OF_PIECES = tuple(
    f"{PREFIX}{name}.weight"
    for name in (
        "embeddings.word_embeddings",
        "embeddings.tok_embeddings",
        "transformer.wte",
        "transformer.word_embeddings",
        "gpt_neox.embed_in",
        "model.embed_tokens",
        "model.decoder.embed_tokens",
        "lm_head",
        "embed_out",
    )
)
# Those of the library's encoder-decoders, whose rows are a task's symbols or a tokenizer's pieces.
_OF_PAIRS = tuple(f"{PAIR_PREFIX}{name}.weight" for name in ("shared", "model.shared", "lm_head"))
_OF_LABELS = ("head.weight", "head.bias")


def rows_of(task: Any) -> Mapping[str, Sequence[str]]:
    """For each weight whose rows mean something by themselves what each row stands for; of other tasks, nothing.

    Two models' rows of the same name mean the same, wherever they stand.
    """
    if isinstance(task, PinyinToHanzi):
        known = task.vocabulary
        syllables = ("<padding>", *known.syllables)
        units = [
            f"{syllable} {character}"
            for number, syllable in enumerate(known.syllables)
            for character in known.characters[known.starts[number] : known.starts[number + 1]]
        ]
        return {"embedding.weight": syllables, "head.weight": units, "head.bias": units}
    found: dict[str, Sequence[str]] = {}
    pretrained = getattr(task, "pretrained", None)
    if pretrained is not None:
        found |= dict.fromkeys((*_OF_PIECES, *_OF_PAIRS), pretrained.tokens.names)
    symbols = getattr(task, "symbols", None)
    if isinstance(symbols, Symbols):
        found |= dict.fromkeys(_OF_SYMBOLS, (*_SPECIAL, *symbols.texts))
    if isinstance(task, SequenceToSequence):
        # What is written has rows of its own, where it has not those of what is read.
        del found["output.weight"], found["bias"]
        targets = (*_SPECIAL, *task.targets.texts)
        found |= dict.fromkeys(_OF_TARGETS, targets)
        if pretrained is None:
            found |= dict.fromkeys(_OF_PAIRS, targets)
    labels = getattr(task, "labels", None)
    if labels:
        found |= dict.fromkeys(_OF_LABELS, tuple(labels))
    return found
