"""The lab's part in learning from typing, and in the import and export of dictionaries."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from studio.data.dictionaries.files import read_dictionary
from studio.data.dictionaries.rime import SUFFIX, write_rime
from studio.data.dictionaries.words import Word
from studio.data.errors import DataError
from studio.inference.personal.recall import Recall
from studio.inference.predictor import PinyinPredictor
from studio.runs import atomic
from studio.runs.folder import RunError
from studio.runs.personal import EVERYTHING, PersonalStore
from studio.runs.personal_requests import (
    DictionaryImported,
    ExportPhrases,
    ImportDictionary,
    Learn,
    PhrasesExported,
    PhrasesLearnt,
)

_SHOWN = 200  # lines of an import that are told of


def remind(recall: Recall, predictor: PinyinPredictor) -> None:
    """Let a predictor know what was learnt so far. A store that cannot be read keeps nobody from typing."""
    try:
        predictor.memory = recall.memory_for(predictor)
    except RunError:
        predictor.memory = None


def learn(recall: Recall, predictor: PinyinPredictor, request: Learn) -> PhrasesLearnt:
    """Remember what was committed.

    Raises:
        RunError: if the store cannot be written.
    """
    phrases = recall.learn(request.letters, request.text, request.left, predictor)
    return PhrasesLearnt(id=request.id, phrases=phrases)


def import_dictionary(request: ImportDictionary) -> DictionaryImported:
    """Read a dictionary into the store.

    Raises:
        DataError: if it cannot be read, or is too long.
        RunError: if the store cannot be written.
    """
    found = read_dictionary(Path(request.path))
    name = request.name.strip() or found.name
    with closing(PersonalStore()) as store:
        try:
            words = store.add_dictionary(name, ((w.text, w.pinyin, w.weight) for w in found.words))
        except ValueError as error:
            raise DataError(str(error), "remove another dictionary, or shorten this one") from error
    return DictionaryImported(
        id=request.id,
        name=name,
        format=found.format,
        words=words,
        readings_added=found.read,
        set_aside=len(found.problems),
        problems=tuple(map(str, found.problems[:_SHOWN])),
    )


def export_phrases(request: ExportPhrases) -> PhrasesExported:
    """Write phrases as a dictionary of rime.

    Raises:
        OSError: if the file cannot be written.
        RunError: if the store cannot be read.
    """
    path = Path(request.path)
    with closing(PersonalStore()) as store:
        found, _ = store.phrases(dictionary=request.dictionary, limit=EVERYTHING)
    words = [Word(item.text, item.pinyin, item.count) for item in found]
    atomic.write_text(path, write_rime(path.name.removesuffix(SUFFIX), words))
    return PhrasesExported(id=request.id, path=str(path), phrases=len(words))
