"""How networks that others have trained read text: their own tokenizer, and what a task's symbols are in it.

Tasks that say something of each character feed characters one by one, so that there is one position for each:
a vocabulary that is cut to characters (as that of BERT for Chinese is) reads them so anyway, and one that joins
characters has pieces for single ones, too. Classification takes the tokenizer's own pieces, if the recipe says so.

Of what the tokenizer does not know in the training texts, a character is read as its compatibility form where it knows
that one (a full-width comma as a comma), and gets a row of its own otherwise.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from studio.data import subwords
from studio.data.dataset import Dataset
from studio.data.errors import DataError
from studio.data.symbols import BOUNDARY, MASK, PADDING, UNKNOWN, Symbols
from studio.data.tokens import Tokens, Unit

TOKENIZER, TOKENIZER_CONFIG = "tokenizer.json", "tokenizer_config.json"
ROLES = ("padding", "unknown", "first", "last", "mask")
_SPECIAL = ("<padding>", "<unknown>", "<boundary>")
_BLANK = "▁"  # what tokenizers of sentences put in front of words
_PLAIN = ("PreTrainedTokenizerFast", "TokenizersBackend")
_STRANGE = 0.5  # share of unknown characters from which on an encoder is made for other texts


@dataclass(frozen=True)
class EncoderTokens:
    """A tokenizer with the numbers that it has for what stands for no text.

    Attributes:
        text: the tokenizer as JSON of the tokenizers library.
        config: what `tokenizer_config.json` says beside it.
        special: number of each of `ROLES`; -1 where there is none.
        rows: how many numbers there are, at least as many as the tokenizer has.
        pieces: the number of each symbol of a task [symbols]; empty before there is a task.
    """

    text: str
    config: dict[str, Any]
    special: dict[str, int]
    rows: int
    pieces: tuple[int, ...] = field(default=(), repr=False)

    @cached_property
    def opened(self) -> Any:
        """The tokenizer."""
        return subwords.opened(self.text)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each number stands for, as the tokenizer writes it."""
        found = [f"<{number}>" for number in range(self.rows)]
        for piece, number in self.opened.get_vocab(with_added_tokens=True).items():
            if number < self.rows:
                found[number] = piece
        return tuple(found)

    def number_of(self, piece: str) -> int:
        """The number of a piece; -1 if there is none."""
        number = self.opened.token_to_id(piece)
        return -1 if number is None else int(number)

    def single(self, characters: Sequence[str]) -> list[int]:
        """The number of each character, if it is one piece by itself; -1 for those that are not known."""
        found = []
        blank, unknown = self.opened.token_to_id(_BLANK), self.special["unknown"]
        for numbers in subwords.cut_all(self.opened, characters):
            kept = [number for number in numbers if number != blank]
            found.append(kept[0] if len(kept) == 1 and kept[0] != unknown else -1)
        return found

    def fitted(self, dataset: Dataset, least: int, what: str, *, folds: bool = True) -> EncoderTokens:
        """The tokenizer made to know what training texts hold at least `least` times.

        Args:
            folds: read a character as its compatibility form where only that is known; not where texts are written.

        Raises:
            DataError: if it knows too little of them; `what` names the encoder.
        """
        points, counts = np.unique(dataset.train.text, return_counts=True)
        characters = [chr(point) for point in points]
        strange = np.array([self._is_strange(numbers) for numbers in self._cut(characters)], bool)
        share = float(counts[strange].sum() / max(1, counts.sum()))
        if share > _STRANGE:
            raise DataError(
                f"the network {what} does not know {share:.0%} of the characters of the training texts",
                "take one that was made for such texts",
            )
        wanted = [
            ch for ch, odd, count in zip(characters, strange, counts, strict=True) if odd and count >= least
        ]
        forms = {ch: unicodedata.normalize("NFKC", ch) for ch in wanted} if folds else {}
        forms = {ch: folded for ch, folded in forms.items() if len(folded) == 1 and folded != ch}
        known = dict(zip(forms, (number >= 0 for number in self.single(list(forms.values()))), strict=True))
        forms = {ch: folded for ch, folded in forms.items() if known[ch]}
        return self.with_more(forms, [ch for ch in wanted if ch not in forms])

    def strange(self, dataset: Dataset, least: int) -> list[str]:
        """The characters that training texts hold at least `least` times, and that the tokenizer does not know."""
        points, counts = np.unique(dataset.train.text, return_counts=True)
        found = [chr(point) for point in points[counts >= least]]
        return [ch for ch, numbers in zip(found, self._cut(found), strict=True) if self._is_strange(numbers)]

    def _cut(self, characters: Iterable[str]) -> Iterable[list[int]]:
        return subwords.cut_all(self.opened, characters)

    def _is_strange(self, numbers: list[int]) -> bool:
        blank = self.opened.token_to_id(_BLANK)
        kept = [number for number in numbers if number != blank]
        return bool(kept) and all(number == self.special["unknown"] for number in kept)

    def with_more(self, folds: dict[str, str], more: Sequence[str]) -> EncoderTokens:
        """The same with characters that are read as others, and with characters that get rows."""
        if not folds and not more:
            return self
        from tokenizers import AddedToken, Tokenizer

        values = json.loads(self.text)
        if folds:
            before = values.get("normalizer")
            steps = (
                before["normalizers"]
                if before and before["type"] == "Sequence"
                else [before]
                if before
                else []
            )
            replacing = [
                {"type": "Replace", "pattern": {"String": ch}, "content": folded}
                for ch, folded in sorted(folds.items())
            ]
            values["normalizer"] = {"type": "Sequence", "normalizers": [*replacing, *steps]}
        tokenizer = Tokenizer.from_str(json.dumps(values, ensure_ascii=False))
        tokenizer.add_tokens([AddedToken(ch, normalized=False) for ch in more])
        last = max(tokenizer.get_vocab(with_added_tokens=True).values())
        return replace(self, text=tokenizer.to_str(), rows=max(self.rows, last + 1) if more else self.rows)

    def masking(self) -> EncoderTokens:
        """The same with a number for what is to be guessed, if it has none."""
        return self.having("mask", MASK)

    def having(self, role: str, text: str) -> EncoderTokens:
        """The same with a number for one of `ROLES`, if it has none."""
        if self.special[role] >= 0:
            return self
        made = self.with_more({}, [text])
        return replace(made, special={**made.special, role: made.number_of(text)})

    def characters(self, dataset: Dataset, *, mask: bool = False) -> tuple[EncoderTokens, Symbols]:
        """For a task that reads characters: every character that is a piece, in the order of the numbers.

        Args:
            mask: begin with the symbol of what is to be guessed.
        """
        made = self.masking() if mask else self
        own = {piece.removeprefix(_BLANK) for piece in made.names}
        shown = {chr(point) for point in np.unique(dataset.train.text)}
        texts = sorted(ch for ch in own | shown if len(ch) == 1)
        numbers = dict(zip(texts, made.single(texts), strict=True))
        known = sorted((number, ch) for ch, number in numbers.items() if number >= 0)
        first = [(made.special["mask"], MASK)] if mask else []
        return made.reading([*first, *known])

    def own_pieces(self) -> tuple[EncoderTokens, Tokens]:
        """For a task that reads the tokenizer's own pieces."""
        special = set(self.special.values())
        vocabulary = self.opened.get_vocab(with_added_tokens=True).items()
        pairs = sorted((number, piece) for piece, number in vocabulary if piece and number not in special)
        made, symbols = self.reading(pairs)
        return made, Tokens(symbols, "subword", (), False, self.text)

    def read_by(self, unit: Unit, dataset: Dataset) -> tuple[EncoderTokens, Tokens]:
        """For a task whose recipe says what a symbol is."""
        if unit == "subword":
            return self.own_pieces()
        made, symbols = self.characters(dataset)
        return made, Tokens(symbols, "character")

    def reading(self, pairs: Sequence[tuple[int, str]]) -> tuple[EncoderTokens, Symbols]:
        """For a task whose symbols are these pieces in this order, each with its number."""
        special = self.special
        first = [0] * len(_SPECIAL)
        first[PADDING], first[UNKNOWN] = special["padding"], special["unknown"]
        first[BOUNDARY] = special["last"] if special["last"] >= 0 else special["unknown"]
        numbers = (*first, *(number for number, _ in pairs))
        return replace(self, pieces=numbers), Symbols(tuple(text for _, text in pairs))

    def save(self, folder: Path) -> None:
        """Write it as Hugging Face's libraries read it."""
        (folder / TOKENIZER).write_text(self.text + "\n", encoding="utf-8")
        text = json.dumps(self.config, ensure_ascii=False, indent=1)
        (folder / TOKENIZER_CONFIG).write_text(text + "\n", encoding="utf-8")

    def described(self) -> dict[str, Any]:
        """What `vocabulary.json` says of it."""
        return {"special": self.special, "rows": self.rows, "pieces": list(self.pieces)}

    @classmethod
    def restored(cls, folder: Path, values: dict[str, Any]) -> EncoderTokens:
        """What `save` and `described` wrote.

        Raises:
            OSError, ValueError, KeyError, TypeError: if it is not there, or damaged.
        """
        text = (folder / TOKENIZER).read_text(encoding="utf-8").rstrip("\n")
        config = json.loads((folder / TOKENIZER_CONFIG).read_text(encoding="utf-8"))
        special = {role: int(values["special"][role]) for role in ROLES}
        pieces = tuple(map(int, values["pieces"]))
        made = cls(text, dict(config), special, int(values["rows"]), pieces)
        made.opened  # noqa: B018 - says now what is wrong with it
        if pieces and not 0 <= min(pieces) <= max(pieces) < made.rows:
            raise ValueError("its symbols are not those of its tokenizer")
        return made


def read_tokens(folder: Path, rows: int, **settings: str) -> EncoderTokens:
    """The tokenizer of a folder that the transformers library has written; no code of the folder is run.

    Args:
        rows: how many numbers the encoder has vectors for.
        settings: in the place of what the folder says of the tokenizer.

    Raises:
        ValueError: if it cannot be read, or has other numbers.
    """
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    # By the type of some networks the library takes a tokenizer that goes with none but the usual vocabulary.
    opens: Any = PreTrainedTokenizerFast if _is_plain(folder) else AutoTokenizer
    try:
        found = opens.from_pretrained(str(folder), trust_remote_code=False, local_files_only=True, **settings)
        tokenizer = found.backend_tokenizer
    except Exception as error:  # the library raises errors of many kinds
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ValueError(f"its tokenizer cannot be read: {reason}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    numbers = tokenizer.get_vocab(with_added_tokens=True)
    most = max(numbers.values(), default=-1)
    if most >= rows:
        raise ValueError(f"its tokenizer has {most + 1:,} pieces, and its network vectors for {rows:,}")

    def number(*tokens: str | None) -> int:
        return next((int(numbers[one]) for one in tokens if one in numbers), -1)

    special = {
        "padding": number(found.pad_token, found.eos_token),
        "unknown": number(found.unk_token),
        "first": number(found.cls_token, found.bos_token),
        "last": number(found.sep_token, found.eos_token),
        "mask": number(found.mask_token),
    }
    if special["padding"] < 0 or len(numbers) < 2 + len(set(special.values())):
        raise ValueError("its tokenizer knows nothing")
    config = {"tokenizer_class": "PreTrainedTokenizerFast"}
    config |= {
        name: str(token)
        for name in (
            "pad_token",
            "unk_token",
            "cls_token",
            "sep_token",
            "mask_token",
            "bos_token",
            "eos_token",
        )
        if (token := getattr(found, name, None)) is not None
    }
    return EncoderTokens(tokenizer.to_str(), config, special, rows)


def _is_plain(folder: Path) -> bool:
    """Whether a folder says that its tokenizer is nothing but what `tokenizer.json` says."""
    try:
        said = json.loads((folder / TOKENIZER_CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    named = said.get("tokenizer_class") if isinstance(said, dict) else None
    return named in _PLAIN and (folder / TOKENIZER).is_file()
