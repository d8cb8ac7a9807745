"""What each source of a model's knowledge is worth alone."""

from __future__ import annotations

import pytest

from studio.data.errors import DataError
from studio.inference.ablation import decode_test_split
from studio.inference.evaluation import own_data
from studio.inference.load import load
from studio.inference.sentences import of_test_split
from studio.runs.evaluations import Decoded
from tests import tiny


def test_each_source_is_judged_on_the_same_sentences() -> None:
    loaded = load(tiny.finished_run().path)
    dataset, _ = own_data(loaded)
    told: list[tuple[int, int]] = []
    found = decode_test_split(
        loaded, dataset, limit=6, tick=lambda done, total, _: told.append((done, total))
    )
    assert list(found.sources) == ["ngrams", "network", "both"], "it has learnt from no word list"
    assert told == [(number, 6) for number in range(1, 7)]
    assert (found.step, found.limit, found.shortest, found.longest) == (6, 6, 5, 30)
    for figures in found.sources.values():
        assert figures.sentences == 6
        assert 0 <= figures.top1 <= figures.top5 <= figures.top10 <= 1
        assert figures.top1 <= figures.char <= 1
    # Texts of so few words are known by heart to their counts; six steps of training teach next to nothing.
    assert found.sources["ngrams"].char > 0.9


def test_word_lists_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    recipe, run = tiny.new_run(tmp_path_factory.mktemp("lexicon"), "training.max_steps=1")
    words = {"kind": "builtin", "name": "lexicon_modern"}
    values = recipe.model_dump(mode="json")
    values["data"]["sources"].append(words)
    from studio.recipe import dump, parse

    recipe = parse(values)
    run.recipe.write_text(dump(recipe), encoding="utf-8")
    for _ in tiny.training(recipe, run):
        pass
    loaded = load(run.path)
    dataset, _ = own_data(loaded)
    found = decode_test_split(loaded, dataset, limit=4)
    assert list(found.sources) == ["lexicon", "ngrams", "network", "both"]
    # Words are right more often than chance, but it does not know who says what.
    assert 0.3 < found.sources["lexicon"].char <= found.sources["ngrams"].char


def test_there_must_be_something_to_type() -> None:
    loaded = load(tiny.finished_run().path)
    dataset, _ = own_data(loaded)
    longest = max(len(item.text) for item in of_test_split(dataset))
    with pytest.raises(DataError, match="no sentences of"):
        decode_test_split(loaded, dataset, shortest=longest + 1, longest=longest + 2)


def test_what_the_tick_raises_calls_it_off() -> None:
    loaded = load(tiny.finished_run().path)
    dataset, _ = own_data(loaded)

    def tick(done: int, total: int, so_far: Decoded) -> None:
        assert so_far.sources["both"].sentences == done
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decode_test_split(loaded, dataset, limit=3, tick=tick)
