"""Encoder-decoders so small that training them takes a moment, in folders as the transformers library writes them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from studio.recipe import Recipe, apply_overrides, parse
from tests import tiny, tiny_texts

LEFT_OUT = "歌"  # a character of the texts that no tokenizer of sentences here knows
STACKS: dict[str, Any] = {
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "max_position_embeddings": 64,
}
T5S: dict[str, Any] = {
    "d_model": 16,
    "d_kv": 8,
    "num_heads": 2,
    "d_ff": 32,
    "num_layers": 2,
    "num_decoder_layers": 2,
}
WORDS = sorted({word for words in tiny_texts.WORDS.values() for word in words.split()})


def _pieces() -> list[str]:
    """What tokenizers of sentences know: characters, and words with the blank in front of them."""
    characters = {ch for line in tiny_texts.paired_lines() for ch in line if not ch.isspace()} - {LEFT_OUT}
    return [*sorted(characters), *("▁" + word for word in WORDS)]


def _of_sentences(path: Path, name: str, first: list[str], **more: Any) -> None:
    """A tokenizer as sentencepiece's are read by the library."""
    import transformers

    scored = [(one, 0.0) for one in first] + [("▁", -4.0)]
    scored += [(piece, -1.0 if len(piece) > 1 else -3.0) for piece in _pieces()]
    getattr(transformers, name)(vocab=scored, **more).save_pretrained(path)


def _of_pairs(path: Path) -> None:
    """As NLLB's tokenizer is: pieces are joined two by two, and the language stands in front."""
    from transformers import NllbTokenizer

    words = [*"▁", *_pieces(), *sorted({ch for word in WORDS for ch in word} - {*_pieces()})]
    merges = []
    for word in WORDS:
        for end in range(1, len(word) + 1):
            merges.append(("▁" + word[: end - 1], word[end - 1]))
            words.append("▁" + word[:end])
    pieces = dict.fromkeys(["<s>", "<pad>", "</s>", "<unk>", *words])
    numbers = {piece: number for number, piece in enumerate(pieces)}
    merges = list(dict.fromkeys(merges))
    NllbTokenizer(vocab=numbers, merges=merges, src_lang="zho_Hans", tgt_lang="eng_Latn").save_pretrained(
        path
    )


def _of_characters(path: Path) -> None:
    """As fnlp/bart-base-chinese has it: BERT's tokenizer."""
    words = [*WORDS, *("##" + ch for ch in "abcdefghijklmnopqrstuvwxyz")]
    pieces = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *(one for one in _pieces() if len(one) == 1),
        *words,
    ]
    (path / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    said = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 64}
    (path / "tokenizer_config.json").write_text(json.dumps(said), encoding="utf-8")


def _of_bytes(path: Path) -> None:
    """As BART's own tokenizer is: pieces may be parts of characters."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=290,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    # Of English alone, so that a character of Chinese is three pieces.
    english = [line.partition("\t")[2] for line in tiny_texts.paired_lines()]
    tokenizer.train_from_iterator(english, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    names = {
        "bos": "<s>",
        "eos": "</s>",
        "cls": "<s>",
        "sep": "</s>",
        "pad": "<pad>",
        "unk": "<unk>",
        "mask": "<mask>",
    }
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, **{f"{name}_token": token for name, token in names.items()}
    )
    made.save_pretrained(path)


def _tokenizer(path: Path, cut: str) -> dict[str, Any]:
    """Write a tokenizer; what a configuration says of its numbers."""
    if cut == "characters":
        _of_characters(path)
        return {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 3}
    if cut == "bytes":
        _of_bytes(path)
        return {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 2}
    if cut == "mbart":
        languages = ["en_XX", "zh_CN"]
        first = ["<s>", "<pad>", "</s>", "<unk>", *languages]
        _of_sentences(path, "MBartTokenizer", first, src_lang="zh_CN", tgt_lang="en_XX")
        return {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    if cut == "nllb":
        _of_pairs(path)
        return {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 2}
    _of_sentences(path, "T5Tokenizer", ["<pad>", "</s>", "<unk>"], extra_ids=2)
    return {"pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}


CUTS = {"bart": "characters", "mbart": "mbart", "m2m_100": "nllb", "mvp": "bytes", "plbart": "bytes"}


def write(path: Path, kind: str = "t5", cut: str = "", *, weights: bool = True, **more: Any) -> Path:
    """A folder with random weights, a tokenizer and a README with a licence.

    Args:
        cut: how texts are cut: "sentences", "characters", "bytes", or as "mbart" and "nllb" do.
        weights: whether there are weights beside the configuration.
    """
    import torch
    from transformers import AutoConfig, AutoModelForSeq2SeqLM, AutoTokenizer

    from studio.models.pretrained import quiet

    path.mkdir(parents=True)
    with quiet():
        said = _tokenizer(path, cut or CUTS.get(kind, "sentences"))
        count = len(AutoTokenizer.from_pretrained(path))
        torch.manual_seed(5)
        sizes = T5S if "t5" in kind else STACKS
        # One row more than pieces, as is often so.
        config = AutoConfig.for_model(kind, vocab_size=count + 1, **{**sizes, **said, **more})
        model = AutoModelForSeq2SeqLM.from_config(config)
        with torch.no_grad():
            if hasattr(model, "final_logits_bias"):
                model.final_logits_bias.normal_()
        model.save_pretrained(path)
        if not weights:
            (path / "model.safetensors").unlink()
    (path / "README.md").write_text("---\nlicense: mit\nlanguage: zh\n---\n# Tiny\n", encoding="utf-8")
    return path


def folder(kind: str = "t5", cut: str = "") -> Path:
    """A folder that tests share, and that none changes."""
    return _folder(kind, cut)


@functools.cache
def _folder(kind: str, cut: str) -> Path:
    return write(tiny.shared_folder() / f"pair-{kind}-{cut or 'usual'}", kind, cut)


def recipe(*overrides: str, source: Path | None = None) -> Recipe:
    """A recipe as small as those of `tests.tiny_texts`, made of such a folder."""
    made = tiny_texts.translation().model_dump(mode="json")
    made["model"] = {"family": "pretrained_encoder_decoder", "source": str(source or folder())}
    made["task"] |= {"source_unit": "subword", "target_unit": "subword", "shared": True}
    return parse(apply_overrides(made, overrides))


OWN: dict[str, dict[str, Any]] = {
    "t5": {"family": "t5", "width": 16, "layers": 1, "heads": 2, "feed_forward": 32},
    "bart": {"family": "bart", "width": 16, "layers": 1, "heads": 2, "feed_forward": 32, "max_length": 64},
}


def own(family: str, *overrides: str, unit: str = "subword") -> Recipe:
    """A recipe with the library's network and a vocabulary of the texts."""
    made = tiny_texts.translation().model_dump(mode="json")
    made["model"] = OWN[family]
    made["task"] |= {"source_unit": unit, "target_unit": unit, "shared": True}
    return parse(apply_overrides(made, overrides))
