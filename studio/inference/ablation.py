"""What each source of a model's knowledge is worth alone: sentences are typed and decided by one after the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from studio.data.dataset import Dataset
from studio.data.errors import DataError
from studio.inference.beam import NgramScores
from studio.inference.load import Loaded
from studio.inference.predictor import PinyinPredictor
from studio.inference.sentences import Outcome, Sentence, accuracy, chosen, of_test_split, outcome
from studio.runs.evaluations import Decoded
from studio.tasks.lexicon_ngrams import of_lexicon

LIMIT, SHORTEST, LONGEST = 200, 5, 30
_LONGEST_NGRAMS = 4
Tick = Callable[[int, int, Decoded], object]
"""Called with sentences done, sentences in all, and the figures so far; what it raises calls the work off."""


def decode_test_split(
    loaded: Loaded,
    dataset: Dataset,
    *,
    limit: int = LIMIT,
    shortest: int = SHORTEST,
    longest: int = LONGEST,
    tick: Tick = lambda *_: None,
) -> Decoded:
    """Type sentences of the test split as raw pinyin and look at what each source of knowledge makes of them.

    Args:
        dataset: the model's own data (see `evaluation.own_data`).
        limit: at most so many sentences, spread evenly over all; 0 takes all.
        shortest, longest: characters of the sentences.

    Raises:
        DataError: if there is no such sentence.
    """
    return decode(
        loaded,
        chosen(of_test_split(dataset), limit, shortest, longest),
        dataset,
        limit=limit,
        shortest=shortest,
        longest=longest,
        tick=tick,
    )


def decode(
    loaded: Loaded,
    sentences: list[Sentence],
    dataset: Dataset | None,
    *,
    limit: int,
    shortest: int,
    longest: int,
    tick: Tick = lambda *_: None,
) -> Decoded:
    """The same for given sentences; without a data set there is no lexicon to look at alone.

    Raises:
        DataError: if there are no sentences.
    """
    if not sentences:
        raise DataError(
            f"there are no sentences of {shortest} to {longest} characters to type",
            "allow shorter or longer ones",
        )
    judged = _deciders(loaded, dataset)
    found: dict[str, list[Outcome]] = {name: [] for name in judged}
    characters = 0

    def figures() -> Decoded:
        sources = {name: accuracy(outcomes) for name, outcomes in found.items()}
        return Decoded(loaded.config.step, limit, shortest, longest, characters, sources)

    for number, item in enumerate(sentences, start=1):
        for name, decide in judged.items():
            found[name].append(decide(item, "".join(item.syllables)))
        characters += len(item.text)
        tick(number, len(sentences), figures())
    return figures()


def _deciders(loaded: Loaded, dataset: Dataset | None) -> dict[str, Callable[[Sentence, str], Outcome]]:
    """For each source that the model has, what types a sentence and lets that source decide."""
    counts = loaded.task.ngrams_file is not None
    found: dict[str, Callable[[Sentence, str], Outcome]] = {}
    if dataset is not None and len(dataset.lexicon):
        words = of_lexicon(dataset.lexicon, loaded.task.vocabulary, _LONGEST_NGRAMS)
        if words is not None:
            alone = PinyinPredictor(loaded.model, loaded.task.vocabulary, NgramScores(words))
            found["lexicon"] = partial(outcome, alone, judge="ngrams")
    if counts:
        found["ngrams"] = partial(outcome, loaded.predictor, judge="ngrams")
    found["network"] = partial(outcome, loaded.predictor, judge="network")
    if counts:
        found["both"] = partial(outcome, loaded.predictor, judge="both")
    return found
