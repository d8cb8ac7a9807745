"""What is offered for letters, in the order of an input method: sentences, words, characters."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.gui.ime_picks import Picks, with_picks
from studio.runs.requests import Predicted

_FIRST = 4  # sentences before the words, three of them if they are long
_LONG = 4  # characters
_WORTH = 0.005  # share below which a sentence is not worth a place before what may be put together by hand


@dataclass(frozen=True)
class Offer:
    """A text for the first letters, or for all of them.

    Attributes:
        score: of a sentence its share among the sentences; of a word or character among its like.
        end: how many letters it stands for.
        sentence: whether it is one of the best sentences, of which one wants to see how sure they are.
    """

    text: str
    score: float
    end: int
    sentence: bool


def offers_of(prediction: Predicted | None, picks: Picks) -> tuple[Offer, ...]:
    """All offers of a prediction, each text once. Without words and characters all sentences are offered.

    Args:
        picks: characters picked by hand; the best sentence holds them.
    """
    if prediction is None:
        return ()
    end = len(prediction.text)
    sentences = [
        Offer(item.text, item.score, end, sentence=True)
        for number, item in enumerate(with_picks(prediction, picks))
        if not number or item.score >= _WORTH or not prediction.prefixes
    ]
    prefixes = [Offer(item.text, item.score, item.end, sentence=False) for item in prediction.prefixes]
    first = _FIRST - (bool(sentences) and len(sentences[0].text) > _LONG)
    words = [offer for offer in prefixes if len(offer.text) > 1]
    characters = [offer for offer in prefixes if len(offer.text) == 1]
    others = [
        offer if len(offer.text) > _LONG else replace(offer, sentence=False) for offer in sentences[first:]
    ]
    ordered = [*sentences[:first], *words, *others, *characters]
    found: dict[str, Offer] = {}
    for offer in ordered:
        found.setdefault(offer.text, offer)
    return tuple(found.values())
