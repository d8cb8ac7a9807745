"""The composition of an input method as a state machine, without Qt: keys and predictions in, text out.

Typing is faster than predicting, so a commit can come before the candidates of what was typed. Such a
commit waits: its letters are frozen, whatever is typed next comes behind them, and only a prediction for
exactly these letters can turn them into text. A digit that comes too early may mean a word for the first
letters only: it and all keys behind it are held, and pressed again when the candidates are there. What ends
up in the document therefore does not depend on how fast the predictions were.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio.gui.ime_caret import common_prefix, moved, shifted
from studio.gui.ime_offers import Offer
from studio.gui.ime_picks import with_picks
from studio.gui.ime_state import PAGE, Composition, Pending, Selection
from studio.gui.ime_text import LETTERS, MAX_LETTERS, mark, pieces_of, plain_pinyin
from studio.runs.requests import Predicted

__all__ = ["IGNORED", "PAGE", "TAKEN", "Composer", "Typed"]


@dataclass(frozen=True)
class Typed:
    """What a key did: whether the input method used it, and what goes into the document now."""

    used: bool
    text: str = ""


IGNORED = Typed(False)
TAKEN = Typed(True)


class Composer(Composition):
    """Takes keys and predictions.

    Keys are single characters, or one of: backspace, delete, left, right, word_left, word_right, home, end, up,
    down, enter, escape, page_up, page_down. A key that is not `used` belongs to the document.
    """

    # --- keys ----------------------------------------------------------------------------------------

    def key(self, key: str) -> Typed:
        """Take one key."""
        if self.held:
            return self._hold(key)
        if len(key) != 1:
            return self._named(key)
        if self.english and not self.letters:
            return self._literal(key) if self.waiting and key.isprintable() else IGNORED
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
        # Punctuation ends a composition; who has turned pages turns them back and forth with it.
        if key in "-=" or (key in ",." and self.page):
            return self._turn(-1 if key in "-," else 1)
        return self.commit(0, self._mark(key)) if key.isprintable() else TAKEN

    def _named(self, key: str) -> Typed:
        if not self.letters:
            return self._named_idle(key)
        if self.picking is not None and key in ("left", "right", "up", "down", "escape"):
            return self._pick_key(key)
        if self.chosen and (key == "backspace" or (key in ("left", "word_left") and not self.caret)):
            self._undo()
        elif key == "backspace" and self.caret:
            self._edit(self.letters[: self.caret - 1] + self.letters[self.caret :], self.caret - 1)
        elif key == "delete":
            return self._delete()
        elif key in ("left", "right", "home", "end", "word_left", "word_right"):
            syllables = self.prediction.syllables if self.fresh and self.prediction else ()
            self.caret = moved(key, self.letters, self.caret, syllables)
        elif key in ("page_up", "page_down"):
            return self._turn(-1 if key == "page_up" else 1)
        elif key == "down":
            self._start_picking()
        elif key == "enter":
            return self._raw()
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
                self.chosen = list(last.chosen)
        elif key == "enter":
            return self._literal("\n")
        elif key == "escape":
            self.waiting.clear()
        return TAKEN

    def _add(self, letter: str) -> Typed:
        if len(self.letters) < MAX_LETTERS:
            self._edit(self.letters[: self.caret] + letter + self.letters[self.caret :], self.caret + 1)
        return TAKEN

    def _delete(self) -> Typed:
        fixed, spelt = self.fixed, self._spelt()
        self._edit(self.letters[: self.caret] + self.letters[self.caret + 1 :], self.caret)
        if self.letters or not fixed:
            return TAKEN
        self.chosen = []
        return self._literal(self._told(spelt, fixed))

    def _edit(self, letters: str, caret: int) -> None:
        """Change the letters; picks stay where the letters of their syllable stay as they are."""
        kept = common_prefix(self.letters, letters)
        self._picks = {span: text for span, text in self._picks.items() if span[1] <= kept}
        self.letters, self.caret, self.page, self.picking = letters, caret, 0, None
        if not letters:
            self._picks, self.prediction = {}, None

    def _raw(self) -> Typed:
        """Commit the letters themselves, also those that something was chosen for."""
        text = self._spelt() + self.letters
        self.clear_letters()
        return self._literal(text)

    def clear_letters(self) -> None:
        """Drop what is being composed; commits that wait stay."""
        self.chosen, self.held = [], []
        self._edit("", 0)

    def clear(self) -> None:
        """Drop everything, the commits that wait as well."""
        self.waiting.clear()
        self.clear_letters()

    def toggle_english(self) -> Typed:
        """Change between Chinese and English; letters being composed stay letters."""
        self.english = not self.english
        self.held = []
        return self._raw() if self.letters else TAKEN

    def _mark(self, key: str) -> str:
        return mark(key, self._quotes_open)

    def _spelt(self) -> str:
        return "".join(item.letters for item in self.chosen)

    def _told(self, letters: str, text: str) -> str:
        self.committed.append((letters, text))
        return text

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

    # --- keys that are held --------------------------------------------------------------------------

    def _hold(self, key: str) -> Typed:
        if key == "backspace":
            self.held.pop()
        elif key == "escape":
            self.clear_letters()
        else:
            self.held.append(key)
        return TAKEN

    def _replay(self) -> str:
        """Press the keys that were held, as far as the candidates are there now."""
        keys, self.held, done = self.held, [], ""
        for key in keys:
            typed = self.key(key)
            done += typed.text if typed.used or key != "enter" else "\n"
        return done

    # --- picking a character -------------------------------------------------------------------------

    def _start_picking(self) -> None:
        if not self.fresh or self.prediction is None or not self.chosen_for(0):
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
        now = self.chosen_for(self.picking)
        position = texts.index(now) if now in texts else -1
        if key == "up" and position <= 0:
            self.picking = None
        elif texts:
            place = min(max(position + (1 if key == "down" else -1), 0), len(texts) - 1)
            self.pick(self.picking, texts[place])
        return TAKEN

    def pick(self, index: int, character: str) -> bool:
        """Put a character for a syllable of the best candidate; false if the candidates are not current."""
        if not self.fresh or self.prediction is None or not self.chosen_for(index):
            return False
        item = self.prediction.syllables[index]
        self._picks[(item.start, item.end)] = character
        self.page = 0
        return True

    # --- choosing and committing ---------------------------------------------------------------------

    def commit(self, choice: int, suffix: str = "") -> Typed:
        """Choose an offer, by its number from 0 on. One for all letters is committed, now or when it is known.

        One for the first letters is put before the others, which go on being composed.
        """
        if not self.letters:
            return self._literal(suffix) if suffix else IGNORED
        if self.fresh and not self.waiting:
            offers = self.offers()
            if choice and choice >= len(offers):
                return TAKEN
            if offers and offers[choice].end < len(self.letters):
                self._select(offers[choice])
                return TAKEN
            text = self.fixed + (offers[choice].text if offers else self.letters)
            self._told(self._spelt() + self.letters, text)
            self.clear_letters()
            return Typed(True, text + suffix)
        if choice:
            self.held = [str(choice - self.page * PAGE + 1)]
            return TAKEN
        self.waiting.append(Pending(self.letters, suffix, dict(self._picks), tuple(self.chosen)))
        self.clear_letters()
        return TAKEN

    def _select(self, offer: Offer) -> None:
        letters = self.letters
        self.chosen.append(Selection(offer.text, letters[: offer.end], self.prediction, dict(self._picks)))
        self._picks = shifted(self._picks, offer.end)
        self.letters, self.caret = letters[offer.end :], max(self.caret - offer.end, 0)
        self.page, self.picking = 0, None

    def _undo(self) -> None:
        """Take the last choice back."""
        last = self.chosen.pop()
        self._edit(last.letters + self.letters, len(last.letters) + self.caret)
        if last.prediction is not None and last.prediction.text == self.letters:
            self.prediction, self._picks = last.prediction, dict(last.picks)

    def receive(self, prediction: Predicted) -> str:
        """Take a prediction; returns the text that goes into the document because of it."""
        text = self._resolve(prediction.text, prediction)
        # An answer to a beginning of the letters is better to look at, while waiting, than an older one.
        if prediction.text == self.letters or (not self.fresh and self.letters.startswith(prediction.text)):
            self.prediction = prediction
            self.page = min(self.page, max(self.pages - 1, 0))
            if self.picking is not None and (not self.fresh or self.picking >= len(prediction.syllables)):
                self.picking = None
        return text + (self._replay() if self.held and self.fresh and not self.waiting else "")

    def fail(self, letters: str) -> str:
        """No prediction will come for these letters: commits that wait for it become the letters themselves."""
        text = self._resolve(letters, None)
        if self.held and not self.waiting and letters == self.letters:
            del self.held[0]  # there is nothing to choose
            text += self._replay()
        return text

    def _resolve(self, letters: str, prediction: Predicted | None) -> str:
        done = ""
        while self.waiting and self.waiting[0].letters in ("", letters):
            item = self.waiting.popleft()
            found = with_picks(prediction, item.picks) if item.letters else ()
            text = item.fixed + (found[0].text if found else item.letters)
            if found:
                self._told("".join(one.letters for one in item.chosen) + item.letters, text)
            done += text + item.suffix
        return done

    # --- text from elsewhere -------------------------------------------------------------------------

    def paste(self, text: str) -> Typed:
        """Compose pasted pinyin, piece by piece between its punctuation; other text goes in as it is."""
        self._let_go()
        clean = plain_pinyin(text)
        if (
            self.english
            or not any(char in LETTERS for char in clean)
            or any(ord(char) > 126 for char in clean)
        ):
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

    def _let_go(self) -> None:
        """Something comes that cannot be held: the letters among the held keys stay letters."""
        letters, self.held = self.shown_letters, []
        self._edit(
            letters[:MAX_LETTERS], len(letters[:MAX_LETTERS]) if letters != self.letters else self.caret
        )

    def _pass_by(self, text: str) -> Typed:
        done = self.commit(0).text if self.letters else ""
        return Typed(True, done + self._literal(text).text)

    def insert(self, text: str) -> Typed:
        """Text that comes ready-made, from the system's own input method: behind everything composed."""
        self._let_go()
        return self._pass_by(text)
