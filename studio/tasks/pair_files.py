"""What stands beside an encoder-decoder's weights, so that the transformers library writes what the studio does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from torch import nn

from studio.data import subwords
from studio.data.encoder_tokens import TOKENIZER, TOKENIZER_CONFIG
from studio.data.subwords import RESERVED
from studio.data.symbols import PADDING, UNKNOWN
from studio.data.tokens import Tokens
from studio.models.library_encoder_decoder import LibraryEncoderDecoder
from studio.tasks.sequence_to_sequence import SequenceToSequence

GENERATION = "generation_config.json"
_ROLES = ("pad_token", "unk_token", "eos_token")


def write_beside(folder: Path, model: nn.Module, task: Any) -> None:
    """Write how texts are begun and ended, and a tokenizer for a vocabulary of the studio's own if there can be one."""
    if not isinstance(model, LibraryEncoderDecoder) or not isinstance(task, SequenceToSequence):
        return
    values = json.dumps(_generation(model, task), indent=1)
    (folder / GENERATION).write_text(values + "\n", encoding="utf-8")
    if task.pretrained is not None:
        return  # which brings its own
    text = own_tokenizer(task.tokens)
    if text:
        (folder / TOKENIZER).write_text(text + "\n", encoding="utf-8")
        said = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
        said = {**said, **dict(zip(_ROLES, RESERVED, strict=True))}
        (folder / TOKENIZER_CONFIG).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def _generation(model: LibraryEncoderDecoder, task: SequenceToSequence) -> dict[str, Any]:
    made, section = model.architecture, task.section
    begin, *forced = made.start
    never = {made.pieces[symbol] for symbol in (PADDING, UNKNOWN, *made.silent)} - set(forced)
    room = task.pretrained.room if task.pretrained is not None else 0
    values: dict[str, Any] = {
        "decoder_start_token_id": begin,
        "eos_token_id": made.behind[0],
        "pad_token_id": made.pieces[PADDING],
        "suppress_tokens": sorted(never),
        "begin_suppress_tokens": [made.behind[0]],
        "max_new_tokens": min(section.max_target, room or section.max_target) + len(made.start),
        "num_beams": section.beam,
        "length_penalty": section.length_power,
    }
    if forced:  # once and never again; the library lets nothing be forced that it is told to suppress
        values |= {"forced_bos_token_id": forced[0], "bad_words_ids": [[forced[0]]]}
    return values


def own_tokenizer(tokens: Tokens) -> str:
    """A vocabulary of the studio's as JSON of the tokenizers library; empty for words, which it cannot cut."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors

    if tokens.unit == "word":
        return ""
    if tokens.unit == "subword":
        tokenizer: Any = subwords.opened(tokens.tokenizer)
    else:
        numbers = {text: number for number, text in enumerate((*RESERVED, *tokens.symbols.texts))}
        tokenizer = Tokenizer(models.WordLevel(numbers, unk_token=RESERVED[UNKNOWN]))
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
        tokenizer.add_special_tokens(list(RESERVED))
        tokenizer.add_tokens(list(tokens.special))
    known = tokenizer.get_vocab(with_added_tokens=True)
    if any(known.get(text) != number for text, number in tokens.symbols.index.items()):
        return ""
    end = RESERVED[2]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {end}", pair=f"$A {end} $B {end}", special_tokens=[(end, known[end])]
    )
    tokenizer.decoder = decoders.Fuse()
    made: str = tokenizer.to_str()
    return made
