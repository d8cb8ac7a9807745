"""The state of a composition: letters, what was chosen for the first ones, candidates, commits that wait."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from studio.gui.ime_offers import Offer, offers_of
from studio.gui.ime_picks import Picks, with_picks
from studio.gui.ime_text import LETTERS
from studio.runs.events import Candidate
from studio.runs.requests import Predicted

PAGE = 9


@dataclass(frozen=True)
class Selection:
    """A text chosen for the first letters of a composition, and how the composition was before."""

    text: str
    letters: str
    prediction: Predicted | None
    picks: Picks


@dataclass
class Pending:
    """Letters that were committed before their candidates came, what was chosen before and typed behind them."""

    letters: str
    suffix: str = ""
    picks: Picks = field(default_factory=dict)
    chosen: tuple[Selection, ...] = ()

    @property
    def fixed(self) -> str:
        return "".join(item.text for item in self.chosen)


class Composition:
    """What is being composed, as it is shown.

    Attributes:
        letters: what is being composed, as typed; what was chosen for letters before them is no part of it.
        chosen: texts chosen for the first letters, oldest first.
        caret: where in the letters the next one goes.
        page: which page of offers is shown.
        picking: the syllable whose character the arrow keys are changing, or None.
        waiting: commits whose candidates have not come yet, oldest first.
        held: keys that wait for the candidates of the letters; the first is a digit.
        prediction: the newest prediction received; it may be of older letters (see `fresh`).
        english: letters go into the document as they are.
        committed: letters and the text that was made of them, oldest first, for whoever learns from it and
            empties it.
    """

    def __init__(self) -> None:
        self.letters = ""
        self.chosen: list[Selection] = []
        self.caret = 0
        self.page = 0
        self.picking: int | None = None
        self.waiting: deque[Pending] = deque()
        self.held: list[str] = []
        self.prediction: Predicted | None = None
        self.english = False
        self.committed: deque[tuple[str, str]] = deque(maxlen=100)
        self._picks: Picks = {}
        self._quotes_open: dict[str, bool] = {}

    # --- what is shown -------------------------------------------------------------------------------

    @property
    def composing(self) -> bool:
        """Whether any letters are being composed or wait for their candidates."""
        return bool(self.letters or self.waiting)

    @property
    def fixed(self) -> str:
        """The texts chosen for the first letters."""
        return "".join(item.text for item in self.chosen)

    @property
    def fresh(self) -> bool:
        """Whether the candidates belong to the letters as they stand."""
        return self.prediction is not None and bool(self.letters) and self.prediction.text == self.letters

    @property
    def frozen(self) -> str:
        """The letters that wait for their candidates, as they stand in the document meanwhile."""
        return "".join(item.fixed + item.letters + item.suffix for item in self.waiting)

    @property
    def shown_letters(self) -> str:
        """The letters and those among the keys that are held."""
        return self.letters + "".join(key for key in self.held if key in LETTERS)

    @property
    def wanted(self) -> str:
        """The letters whose candidates are needed next; empty if none are."""
        waiting = next((item.letters for item in self.waiting if item.letters), "")
        return waiting or ("" if self.fresh else self.letters)

    @property
    def context(self) -> str:
        """The text of the composition that stands before the letters whose candidates are needed next."""
        return next((item.fixed for item in self.waiting if item.letters), self.fixed)

    @property
    def needs_more(self) -> bool:
        """Whether the person comes to the end of the offers and there are more than were asked for."""
        return (
            self.fresh
            and self.prediction is not None
            and self.prediction.more
            and (self.page + 2 >= self.pages)
        )

    def candidates(self) -> tuple[Candidate, ...]:
        """The sentences of the newest prediction, the best one with the characters that were picked."""
        return with_picks(self.prediction, self._picks if self.fresh else {})

    def offers(self) -> tuple[Offer, ...]:
        """Everything that can be chosen, in order."""
        return offers_of(self.prediction, self._picks if self.fresh else {})

    def on_page(self) -> tuple[Offer, ...]:
        """The offers of the page that is shown."""
        return self.offers()[self.page * PAGE : (self.page + 1) * PAGE]

    @property
    def pages(self) -> int:
        """How many pages of offers there are."""
        return -(-len(self.offers()) // PAGE)

    @property
    def picked(self) -> bool:
        """Whether the best candidate holds characters that were picked by hand."""
        return self.fresh and bool(self.candidates()) and self.candidates()[0] != self._best()

    def chosen_for(self, index: int) -> str:
        """The character that stands for a syllable in the best candidate; empty if they do not line up."""
        found = self.candidates()
        if self.prediction is None or not found or len(found[0].text) != len(self.prediction.syllables):
            return ""
        return found[0].text[index]

    def _best(self) -> Candidate | None:
        return self.prediction.candidates[0] if self.prediction and self.prediction.candidates else None
