"""What is shown of the decoder is what it does."""

from __future__ import annotations

import pytest

from studio.inference.explain import explain, whole_syllables
from studio.inference.load import Loaded, load
from studio.inference.predictor import SEGMENTATION_WEIGHT
from studio.runs.explanations import Explained
from studio.runs.requests import JUDGES, Judge
from tests import tiny


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(tiny.finished_run().path)


def sentence(found: Explained, number: int = 0) -> str:
    return "".join(found.paths[number].texts)


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("typed", ["jintianlaoshi", "xi'an", "xianzaizaixian", "jtls", "womenzaij"])
def test_the_best_path_is_what_is_typed(typed: str, judge: Judge, loaded: Loaded) -> None:
    found = explain(loaded.predictor, typed, "e1", judge=judge)
    assert (found.id, found.text) == ("e1", typed)
    assert sentence(found) == loaded.predictor.predict(typed, judge=judge).candidates[0].text
    scores = [path.score for path in found.paths]
    assert scores == sorted(scores, reverse=True) and len(scores) > 1
    for path in found.paths:
        # The edges of a path cover the letters from the first to the last, one behind the other.
        ends = [found.edges[number].end for number in path.edges]
        assert [found.edges[number].start for number in path.edges] == [0, *ends[:-1]]
        assert ends[-1] == len(typed)
        assert len(path.texts) == len(path.network) == len(path.counts) == len(path.edges)


def test_scores_are_made_of_what_is_told(loaded: Loaded) -> None:
    for judge, network, counts, division in (
        ("network", 1.0, 0.0, 1.0),
        ("ngrams", 0.0, 1.0, SEGMENTATION_WEIGHT),
        ("both", loaded.predictor.network_weight, 1.0, SEGMENTATION_WEIGHT),
    ):
        for path in explain(loaded.predictor, "jintianlaoshi", judge=judge).paths:
            told = network * sum(path.network) + counts * sum(path.counts) + division * path.division
            if judge == "network":
                assert path.score == pytest.approx(told, abs=1e-3)
            else:  # besides, the counts judge that the sentence ends here
                assert path.score < told


def test_characters_are_weighed_by_network_and_counts(loaded: Loaded) -> None:
    found = explain(loaded.predictor, "jintian")
    first = found.edges[found.paths[0].edges[0]]
    assert (first.syllable, first.weighed[0].text) == ("jin", "今")
    for column in ("network", "counts", "fused"):
        shares = [getattr(item, column) for item in first.weighed]
        assert all(0 <= share <= 1 for share in shares)
        assert 0.9 < sum(shares) < 1.001
    fused = [item.fused for item in first.weighed]
    assert fused == sorted(fused, reverse=True)
    by_network = [
        item.network for item in explain(loaded.predictor, "jintian", judge="network").edges[0].weighed
    ]
    assert by_network == sorted(by_network, key=lambda share: -(share or 0))


def test_the_text_before_is_looked_at(loaded: Loaded) -> None:
    alone = explain(loaded.predictor, "tian")
    after = explain(loaded.predictor, "tian", left="今")
    assert after.paths[0].counts[0] > alone.paths[0].counts[0]


def test_every_whole_syllable_that_leads_through_is_an_edge(loaded: Loaded) -> None:
    vocabulary = loaded.task.vocabulary

    def spelt(letters: str, *breaks: int) -> list[tuple[int, str]]:
        units = whole_syllables(vocabulary, letters, frozenset(breaks))
        return [(unit.start, vocabulary.syllables[unit.syllable]) for unit in units]

    assert spelt("xi") == [(0, "xi")]
    assert spelt("xianshi") == [(0, "xi"), (0, "xian"), (2, "an"), (4, "shi")]
    assert spelt("xianshi", 2) == [(0, "xi"), (2, "an"), (4, "shi")]
    assert spelt("xiansh") == [(0, "xi"), (0, "xian"), (2, "an")], "sh is a beginning"
    assert spelt("qqq") == []
    found = explain(loaded.predictor, "xian")
    assert {(edge.start, edge.end) for edge in found.edges} >= {(0, 2), (2, 4), (0, 4)}


def test_the_last_stretch_of_letters_is_explained(loaded: Loaded) -> None:
    found = explain(loaded.predictor, "wo2024nihao'")
    assert next((edge.start, edge.end) for edge in found.edges if edge.weighed) == (6, 8)
    for nothing in ("", "2024", "'"):
        empty = explain(loaded.predictor, nothing)
        assert (empty.edges, empty.paths) == ((), ())


def test_a_model_without_counts_is_explained_by_its_network(loaded: Loaded) -> None:
    from studio.inference.predictor import PinyinPredictor

    alone = PinyinPredictor(loaded.model, loaded.task.vocabulary)
    found = explain(alone, "jintian")
    assert sentence(found) == alone.predict("jintian").candidates[0].text
    assert found.paths[0].counts == ()
    assert all(item.counts is None for item in found.edges[0].weighed)
