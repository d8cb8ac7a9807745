"""A model's own n-grams and imported language models mixed into one, as `fusion.json` says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from studio.data.errors import DataError
from studio.data.vocabulary import PinyinVocabulary
from studio.models.backoff import mix
from studio.runs import language_models
from studio.runs.fusion import Fusion
from studio.runs.language_models import ImportedModel, LanguageModelError
from studio.tasks import imported_ngrams, pinyin_ngrams, word_models
from studio.tasks.pinyin_ngrams import Counted

_VERSION = 2  # of the way they are mixed; another number mixes them anew


@dataclass(frozen=True)
class Mixture:
    """The n-grams to decode with.

    Attributes:
        file: that holds them.
        warning: which imported models are not among them and why; empty if all are.
    """

    file: Path
    warning: str = ""


def mixture(own: Path, vocabulary: PinyinVocabulary, fusion: Fusion) -> Mixture:
    """The file with the mixed n-grams; mixed if it is not there, which takes some seconds.

    A key then costs what it cost before: the mixture is a back-off model like its parts. Imported models that are not
    there are left out, and the others take their share.

    Args:
        own: the model's own n-grams.

    Raises:
        ValueError: if the own n-grams are damaged.
    """
    parts, missing = _parts(fusion)
    if not parts:
        return Mixture(own, _absent(missing))
    try:
        target = pinyin_ngrams.kept(
            _identity(own, vocabulary, fusion, parts), lambda: mixed(own, vocabulary, fusion, parts)
        )
    except (DataError, OSError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        return Mixture(own, f"the imported language models are left out: {reason}")
    return Mixture(target, _absent(missing))


def mixed(own: Path, vocabulary: PinyinVocabulary, fusion: Fusion, parts: list[ImportedModel]) -> Counted:
    """Own n-grams and imported ones, in the shares that `fusion` gives to those that are there."""
    files = [own, *(imported_ngrams.file_of(part, vocabulary, own) for part in parts)]
    shares = [fusion.own, *(fusion.imported[part.name] for part in parts)]
    used = [(file, share) for file, share in zip(files, shares, strict=True) if share > 0]
    total = sum(share for _, share in used)
    shares = [share / total for _, share in used]
    units = mix([pinyin_ngrams.read(file) for file, _ in used], shares)
    words = [model for file, _ in used if (model := pinyin_ngrams.read_words(file)) is not None]
    # The own n-grams of an old run have no words; those of the imported ones alone would not know its text.
    return Counted(units, word_models.mixed(words, shares) if len(words) == len(used) else None)


def _parts(fusion: Fusion) -> tuple[list[ImportedModel], list[str]]:
    """The imported models that are there, and the names of those that are not."""
    parts: list[ImportedModel] = []
    missing: list[str] = []
    for name, share in fusion.imported.items():
        if share <= 0:
            continue
        try:
            parts.append(language_models.get(name))
        except LanguageModelError:
            missing.append(name)
    return parts, missing


def _absent(missing: list[str]) -> str:
    if not missing:
        return ""
    names = ", ".join(missing)
    return f"the model was tuned together with {names}, not imported here; the rest decides without it"


def _identity(own: Path, vocabulary: PinyinVocabulary, fusion: Fusion, parts: list[ImportedModel]) -> str:
    shares = [(imported_ngrams.identity(part, vocabulary, own), fusion.imported[part.name]) for part in parts]
    content = repr((_VERSION, fusion.own, sorted(shares)))
    return hashlib.sha256(content.encode()).hexdigest()[:24]
