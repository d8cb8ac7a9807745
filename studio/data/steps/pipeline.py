"""The steps of a recipe one behind the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from studio.data.room import Room
from studio.data.sources import Document
from studio.data.steps.characters import normalise_widths, remove_controls
from studio.data.steps.encoding import repair
from studio.data.steps.near import NearRepeats
from studio.data.steps.personal import mask_personal
from studio.data.steps.repeats import Repeats, letters_of
from studio.data.steps.script import converter
from studio.data.steps.sentences import cut_sentences
from studio.data.steps.stage import Change, Filter, Stage, T, Tally
from studio.data.steps.words import WordCutter
from studio.language.text import hanzi_only, strip_addresses, untag
from studio.recipe import steps as kinds
from studio.recipe.patterns import compile_pattern, parse_template
from studio.recipe.steps import AnyStep

_BLANK = re.compile(r"\s+")


class Pipeline:
    """Steps that documents flow through in the order given; what they remember lasts as long as it does.

    Args:
        room: gets what they remember and cannot hold; without one that lies in the studio's cache for so long.

    Attributes:
        tallies: what each step did so far.
    """

    def __init__(self, steps: Sequence[AnyStep], room: Room | None = None) -> None:
        self._stages = [stage_of(step, room) for step in steps]

    @property
    def tallies(self) -> tuple[Tally, ...]:
        return tuple(stage.tally for stage in self._stages)

    def run(self, documents: Iterable[T]) -> Iterator[T]:
        """The documents that are left, in order, as the last step leaves them. May be called again with more."""
        stream: Iterator[T] = iter(documents)
        for stage in self._stages:
            stream = stage.run(stream)
        return stream


def preview(
    steps: Sequence[AnyStep], texts: Sequence[str], alone: int = -1
) -> tuple[list[tuple[int, str, str | None]], tuple[Tally, ...]]:
    """Texts before and after.

    Args:
        steps: those to be carried out.
        texts: a document each.
        alone: show what this one does to what those before it leave; -1 shows all of them together.

    Returns:
        (number, before, after) of each text that comes as far as the step shown, with None where it is dropped; and
        the tallies of the steps that were carried out.
    """
    last = len(steps) if alone < 0 else min(alone + 1, len(steps))
    pipeline = Pipeline(steps[:last])
    before = dict(enumerate(texts))
    documents: Iterable[Document] = [Document(str(number), text, 0) for number, text in before.items()]
    if alone >= 0:
        early = Pipeline(steps[: last - 1])
        before = {int(document.id): document.text for document in early.run(documents)}
    after = {int(document.id): document.text for document in pipeline.run(documents)}
    return [(number, text, after.get(number)) for number, text in before.items()], pipeline.tallies


def stage_of(step: AnyStep, room: Room | None = None) -> Stage:
    """What carries out a step. `room` as of `Pipeline`."""
    match step:
        case kinds.DropRepeats():
            return Repeats(step.kind, lines=step.part == "line", shortest=step.shortest)
        case kinds.DropNearRepeats():
            return NearRepeats(step.kind, step.threshold, step.ngram, room)
        case kinds.FilterLength() | kinds.FilterHanzi() | kinds.FilterPattern():
            return Filter(step.kind, _wanted(step), lines=step.part == "line")
        case _:
            return Change(step.kind, _change(step))


def _change(
    step: kinds.NormaliseWidths
    | kinds.RemoveMarkup
    | kinds.RemoveControls
    | kinds.RepairEncoding
    | kinds.ConvertScript
    | kinds.MaskPersonal
    | kinds.ReplacePattern
    | kinds.CutSentences
    | kinds.CutWords
    | kinds.CutLong,
) -> Callable[[str], str]:
    match step:
        case kinds.NormaliseWidths():
            return lambda text: normalise_widths(text, step.marks)
        case kinds.RemoveMarkup():
            return lambda text: _without_markup(text, step.addresses)
        case kinds.RemoveControls():
            return lambda text: remove_controls(text, spaces=step.spaces)
        case kinds.RepairEncoding():
            return repair
        case kinds.ConvertScript():
            return converter(step.script, step.region)
        case kinds.MaskPersonal():
            wanted = {
                "phone": step.phones,
                "identity_number": step.identity_numbers,
                "bank_card": step.bank_cards,
                "mail": step.mails,
            }
            chosen = frozenset(kind for kind, is_wanted in wanted.items() if is_wanted)
            return lambda text: mask_personal(text, chosen, step.mask)
        case kinds.ReplacePattern():
            pattern = compile_pattern(step.pattern, step.ignore_case)
            template = parse_template(step.replacement, pattern)
            return lambda text: pattern.replaced(text, template)
        case kinds.CutSentences():
            return lambda text: cut_sentences(text, clauses=step.at == "clause")
        case kinds.CutWords():
            return WordCutter(step.own, step.stop, separated=step.separated)
        case kinds.CutLong():
            return lambda text: "\n".join(
                piece
                for line in text.split("\n")
                for piece in windows(line, step.how, step.window, step.overlap)
            )


def _wanted(step: kinds.FilterLength | kinds.FilterHanzi | kinds.FilterPattern) -> Callable[[str], bool]:
    match step:
        case kinds.FilterLength():
            longest = step.longest or 1 << 62
            return lambda text: step.shortest <= len(_BLANK.sub("", text)) <= longest
        case kinds.FilterHanzi():
            return lambda text: len(hanzi_only(text)) >= step.share * len(letters_of(text))
        case kinds.FilterPattern():
            pattern = compile_pattern(step.pattern, step.ignore_case)
            keep = step.matches == "keep"
            return lambda text: pattern.found_in(text) is keep


def windows(line: str, how: str, window: int, overlap: int) -> Iterator[str]:
    """A line's beginning, or pieces of at most `window` characters that cover it and share `overlap` with the next."""
    yield line[:window]
    if how == "slide":
        for start in range(window - overlap, len(line) - overlap, window - overlap):
            yield line[start : start + window]


def _without_markup(text: str, addresses: bool) -> str:
    text = untag(text)
    return "\n".join(map(strip_addresses, text.split("\n"))) if addresses else text
