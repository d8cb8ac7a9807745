"""The composition of an input method as a state machine, without Qt: keys and predictions in, text out.

Typing is faster than predicting, so a commit can come before the candidates of what was typed. Such a
commit waits: its letters are frozen, whatever is typed next comes behind them, and only a prediction for
exactly these letters can turn them into text. What ends up in the document therefore does not depend on
how fast the predictions were.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from studio.gui.ime_picks import Picks, with_picks
from studio.gui.ime_text import LETTERS, MAX_LETTERS, mark, pieces_of, plain_pinyin
from studio.runs.events import Candidate
from studio.runs.requests import Predicted

PAGE = 5
PAGES = 2


@dataclass
class Pending:
    """Letters that were committed before their candidates came, and what was typed right behind them."""

    letters: str
    choice: int = 0
    suffix: str = ""
    picks: Picks = field(default_factory=dict)


@dataclass(frozen=True)
class Typed:
    """What a key did: whether the input method used it, and what goes into the document now."""

    used: bool
    text: str = ""


IGNORED = Typed(False)
TAKEN = Typed(True)


class Composer:
    """Letters being composed, their candidates, and the commits that wait for candidates.

    Keys are single characters, or one of: backspace, delete, left, right, home, end, up, down, enter,
    escape, page_up, page_down. A key that is not `used` belongs to the document.

    Attributes:
        letters: what is being composed, as typed.
        caret: where in the letters the next one goes.
        page: which page of candidates is shown.
        picking: the syllable whose character the arrow keys are changing, or None.
        waiting: commits whose candidates have not come yet, oldest first.
        prediction: the newest prediction received; it may be of older letters (see `fresh`).
    """

    def __init__(self) -> None:
        self.letters = ""
        self.caret = 0
        self.page = 0
        self.picking: int | None = None
        self.waiting: deque[Pending] = deque()
        self.prediction: Predicted | None = None
        self._picks: Picks = {}
        self._quotes_open: dict[str, bool] = {}

    # --- what is shown -------------------------------------------------------------------------------

    @property
    def composing(self) -> bool:
        """Whether any letters are being composed or wait for their candidates."""
        return bool(self.letters or self.waiting)

    @property
    def fresh(self) -> bool:
        """Whether the candidates belong to the letters as they stand."""
        return self.prediction is not None and bool(self.letters) and self.prediction.text == self.letters

    @property
    def frozen(self) -> str:
        """The letters that wait for their candidates, as they stand in the document meanwhile."""
        return "".join(item.letters + item.suffix for item in self.waiting)

    @property
    def wanted(self) -> str:
        """The letters whose candidates are needed next; empty if none are."""
        waiting = next((item.letters for item in self.waiting if item.letters), "")
        return waiting or ("" if self.fresh else self.letters)

    def candidates(self) -> tuple[Candidate, ...]:
        """All candidates of the newest prediction, the best one with the characters that were picked."""
        return with_picks(self.prediction, self._picks if self.fresh else {})

    def on_page(self) -> tuple[Candidate, ...]:
        """The candidates of the page that is shown."""
        return self.candidates()[self.page * PAGE : (self.page + 1) * PAGE]

    @property
    def pages(self) -> int:
        """How many pages of candidates there are."""
        return -(-len(self.candidates()) // PAGE)

    @property
    def picked(self) -> bool:
        """Whether the best candidate holds characters that were picked by hand."""
        return self.fresh and bool(self.candidates()) and self.candidates()[0] != self._best()

    def chosen(self, index: int) -> str:
        """The character that stands for a syllable in the best candidate; empty if they do not line up."""
        candidates = self.candidates()
        if (
            self.prediction is None
            or not candidates
            or len(candidates[0].text) != len(self.prediction.syllables)
        ):
            return ""
        return candidates[0].text[index]

    def _best(self) -> Candidate | None:
        return self.prediction.candidates[0] if self.prediction and self.prediction.candidates else None

    # --- keys ----------------------------------------------------------------------------------------

    def key(self, key: str) -> Typed:
        """Take one key."""
        if len(key) != 1:
            return self._named(key)
        if key in "üÜ":
            key = "v"
        if key in LETTERS or (self.letters and key.lower() in LETTERS):
            return self._add(key.lower())
        if self.letters:
            return self._composing(key)
        return self._literal(self._mark(key)) if key.isprintable() else IGNORED

    def _composing(self, key: str) -> Typed:
        if key == "'":
            return self._add(key)
        if key == " ":
            return self.commit(0 if self.picking is not None else self.page * PAGE)
        if key in "123456789":
            return self.commit(self.page * PAGE + int(key) - 1)
        if key in "-=":
            return self._turn(-1 if key == "-" else 1)
        return self.commit(0, self._mark(key)) if key.isprintable() else TAKEN

    def _named(self, key: str) -> Typed:
        if not self.letters:
            return self._named_idle(key)
        if self.picking is not None and key in ("left", "right", "up", "down", "escape"):
            return self._pick_key(key)
        if key == "backspace" and self.caret:
            self._edit(self.letters[: self.caret - 1] + self.letters[self.caret :], self.caret - 1)
        elif key == "delete":
            self._edit(self.letters[: self.caret] + self.letters[self.caret + 1 :], self.caret)
        elif key in ("left", "right", "home", "end"):
            steps = {"left": self.caret - 1, "right": self.caret + 1, "home": 0, "end": len(self.letters)}
            self.caret = min(max(steps[key], 0), len(self.letters))
        elif key in ("page_up", "page_down"):
            return self._turn(-1 if key == "page_up" else 1)
        elif key == "down":
            self._start_picking()
        elif key == "enter":
            text = self.letters
            self.clear_letters()
            return self._literal(text)
        elif key == "escape":
            self.clear_letters()
        return TAKEN

    def _named_idle(self, key: str) -> Typed:
        """No letters are composed: keys belong to the document, unless commits wait in front of them."""
        if not self.waiting:
            return IGNORED
        if key == "backspace":
            last = self.waiting.pop()
            if last.suffix:
                last.suffix = last.suffix[:-1]
                if last.letters or last.suffix:
                    self.waiting.append(last)
            else:
                self._edit(last.letters, len(last.letters))
        elif key == "enter":
            return self._literal("\n")
        elif key == "escape":
            self.waiting.clear()
        return TAKEN

    def _add(self, letter: str) -> Typed:
        if len(self.letters) < MAX_LETTERS:
            self._edit(self.letters[: self.caret] + letter + self.letters[self.caret :], self.caret + 1)
        return TAKEN

    def _edit(self, letters: str, caret: int) -> None:
        """Change the letters; picks stay where the letters of their syllable stay as they are."""
        kept = len(_common_prefix(self.letters, letters))
        self._picks = {span: text for span, text in self._picks.items() if span[1] <= kept}
        self.letters, self.caret, self.page, self.picking = letters, caret, 0, None
        if not letters:
            self._picks, self.prediction = {}, None

    def clear_letters(self) -> None:
        """Drop what is being composed; commits that wait stay."""
        self._edit("", 0)

    def clear(self) -> None:
        """Drop everything, the commits that wait as well."""
        self.waiting.clear()
        self.clear_letters()

    def _mark(self, key: str) -> str:
        return mark(key, self._quotes_open)

    def _literal(self, text: str) -> Typed:
        """Text that needs no prediction; it still may not overtake commits that wait."""
        if not self.waiting:
            return Typed(True, text)
        self.waiting[-1].suffix += text
        return TAKEN

    def _turn(self, pages: int) -> Typed:
        if self.fresh:
            self.page = min(max(self.page + pages, 0), max(self.pages - 1, 0))
        return TAKEN

    # --- picking a character -------------------------------------------------------------------------

    def _start_picking(self) -> None:
        if not self.fresh or self.prediction is None or not self.chosen(0):
            return
        before_caret = [i for i, item in enumerate(self.prediction.syllables) if item.start < self.caret]
        self.picking = before_caret[-1] if before_caret else 0
        self.page = 0

    def _pick_key(self, key: str) -> Typed:
        if key == "escape" or self.picking is None or self.prediction is None:
            self.picking = None
            return TAKEN
        syllables = self.prediction.syllables
        if key in ("left", "right"):
            self.picking = min(max(self.picking + (1 if key == "right" else -1), 0), len(syllables) - 1)
            return TAKEN
        texts = [item.text for item in syllables[self.picking].alternatives]
        now = self.chosen(self.picking)
        position = texts.index(now) if now in texts else -1
        if key == "up" and position <= 0:
            self.picking = None
        elif texts:
            self.pick(
                self.picking, texts[min(max(position + (1 if key == "down" else -1), 0), len(texts) - 1)]
            )
        return TAKEN

    def pick(self, index: int, character: str) -> bool:
        """Put a character for a syllable of the best candidate; false if the candidates are not current."""
        if not self.fresh or self.prediction is None or not self.chosen(index):
            return False
        item = self.prediction.syllables[index]
        self._picks[(item.start, item.end)] = character
        self.page = 0
        return True

    # --- commits and predictions ---------------------------------------------------------------------

    def commit(self, choice: int, suffix: str = "") -> Typed:
        """Commit a candidate, by its number from 0 on; now if it is known, else when its prediction comes."""
        if not self.letters:
            return self._literal(suffix) if suffix else IGNORED
        if self.fresh and not self.waiting:
            candidates = self.candidates()
            if choice and choice >= len(candidates):
                return TAKEN
            text = candidates[choice].text if candidates else self.letters
            self.clear_letters()
            return Typed(True, text + suffix)
        self.waiting.append(Pending(self.letters, choice, suffix, dict(self._picks)))
        self.clear_letters()
        return TAKEN

    def receive(self, prediction: Predicted) -> str:
        """Take a prediction; returns the text that goes into the document because of it."""
        text = self._resolve(prediction.text, prediction)
        # An answer to a beginning of the letters is better to look at, while waiting, than an older one.
        if prediction.text == self.letters or (not self.fresh and self.letters.startswith(prediction.text)):
            self.prediction = prediction
            self.page = min(self.page, max(self.pages - 1, 0))
            if self.picking is not None and (not self.fresh or self.picking >= len(prediction.syllables)):
                self.picking = None
        return text

    def fail(self, letters: str) -> str:
        """No prediction will come for these letters: commits that wait for it become the letters themselves."""
        return self._resolve(letters, None)

    def _resolve(self, letters: str, prediction: Predicted | None) -> str:
        done = ""
        while self.waiting and self.waiting[0].letters in ("", letters):
            item = self.waiting.popleft()
            candidates = with_picks(prediction, item.picks) if item.letters else ()
            done += (
                candidates[item.choice].text if item.choice < len(candidates) else item.letters
            ) + item.suffix
        return done

    def paste(self, text: str) -> Typed:
        """Compose pasted pinyin, piece by piece between its punctuation; other text goes in as it is."""
        clean = plain_pinyin(text)
        if not any(char in LETTERS for char in clean) or any(ord(char) > 126 for char in clean):
            return self._pass_by(text)
        done = ""
        for piece, ending in pieces_of(clean):
            room = MAX_LETTERS - len(self.letters)
            if piece and len(piece) > room:
                done += self.commit(0).text
            if piece:
                letters = self.letters[: self.caret] + piece + self.letters[self.caret :]
                self._edit(letters, self.caret + len(piece))
            if ending:
                done += (self.commit(0, ending) if self.letters else self._literal(ending)).text
        return Typed(True, done)

    def _pass_by(self, text: str) -> Typed:
        done = self.commit(0).text if self.letters else ""
        return Typed(True, done + self._literal(text).text)

    def insert(self, text: str) -> Typed:
        """Text that comes ready-made, from the system's own input method: behind everything composed."""
        return self._pass_by(text)


def _common_prefix(left: str, right: str) -> str:
    length = next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )
    return left[:length]
