"""Characters picked by hand, put into the best candidate of a prediction."""

from __future__ import annotations

from studio.runs.events import Candidate
from studio.runs.requests import Predicted, SyllableView

Picks = dict[tuple[int, int], str]
"""Which character was picked for the letters from one offset to another."""


def with_picks(prediction: Predicted | None, picks: Picks) -> tuple[Candidate, ...]:
    """A prediction's candidates, the best one with picked characters in the place of its own."""
    if prediction is None or not prediction.candidates or not picks:
        return prediction.candidates if prediction else ()
    best = prediction.candidates[0]
    if len(best.text) != len(prediction.syllables):
        return prediction.candidates
    characters = [
        picks.get((item.start, item.end), old)
        for item, old in zip(prediction.syllables, best.text, strict=True)
    ]
    changed = "".join(characters)
    if changed == best.text:
        return prediction.candidates
    known = next((item for item in prediction.candidates if item.text == changed), None)
    rest = tuple(item for item in prediction.candidates if item.text != changed)
    return (known or Candidate(text=changed, score=_score(prediction.syllables, best, changed)), *rest)


def _score(syllables: tuple[SyllableView, ...], best: Candidate, changed: str) -> float:
    """The best candidate's probability, scaled by how much less likely the picked characters are."""
    score = best.score
    for item, old, new in zip(syllables, best.text, changed, strict=True):
        if old != new:
            chances = {alternative.text: alternative.score for alternative in item.alternatives}
            score *= min(chances.get(new, 0.0) / max(chances.get(old, 0.0), 1e-9), 1.0)
    return score
