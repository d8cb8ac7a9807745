"""What a model in training is worth to who types with it: raw letters in, its n-grams and words deciding too."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from torch import nn

from studio.data.dataset import Split
from studio.inference.beam import NgramScores
from studio.inference.predictor import PinyinPredictor
from studio.inference.sentences import Sentence, accuracy, outcome
from studio.inference.typed import typeable
from studio.inference.words import WordScores
from studio.language.syllables import SYLLABLES
from studio.models.tagger import SyllableTagger
from studio.tasks import PinyinToHanzi, pinyin_ngrams
from studio.tasks.base import Metrics, Task, Tick


def typed_figures(model: nn.Module, task: Task, split: Split, limit: int, tick: Tick) -> Metrics:
    """Shares of sentences and of characters that come out right; None where there is nothing to type.

    The weights of decoding are the usual ones, not those of the run's `fusion.json`: somebody may tune a run while it
    goes on, and its evaluations would no longer be comparable.

    Args:
        model: in evaluation mode.
        limit: at most so many sentences of 5 to 30 characters, spread evenly over the split: the same each time.
        tick: called with sentences done and in all; may raise to break off.
    """
    assert isinstance(model, SyllableTagger)
    assert isinstance(task, PinyinToHanzi)
    fitting = typeable(split, limit)
    if not fitting:
        return {"typing_top1": None, "typing_char": None}
    ngrams, words = _counted(task.ngrams_file) if task.ngrams_file else (None, None)
    predictor = PinyinPredictor(model, task.vocabulary, ngrams, words=words)
    outcomes = []
    for done, place in enumerate(fitting):
        tick(done, len(fitting))
        syllables = tuple(SYLLABLES[number] for number in split.syllables_of(place))
        item = Sentence(split.text_of(place), syllables, "")
        outcomes.append(outcome(predictor, item, "".join(syllables)))
    found = accuracy(outcomes)
    return {"typing_top1": found.top1, "typing_char": found.char}


@lru_cache(maxsize=1)
def _counted(file: Path) -> tuple[NgramScores, WordScores | None]:
    """What was counted before the run; it never changes, and is read once."""
    words = pinyin_ngrams.read_words(file)
    return NgramScores(pinyin_ngrams.read(file)), WordScores(words) if words else None
