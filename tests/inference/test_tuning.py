"""Weights found on validation data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.errors import Cancelled, DataError
from studio.data.language_models import store
from studio.data.prepare import prepare
from studio.inference.load import load
from studio.inference.tuning import log_probabilities, maximised, perplexity, tune
from studio.inference.typed import hits, typed_sentences
from studio.inference.words import WordScores
from studio.runs import fusion
from studio.runs.folder import RunFolder
from studio.runs.fusion import Fusion
from studio.runs.language_models import LanguageModelError
from studio.tasks import pinyin_ngrams
from tests import tiny


@pytest.fixture
def run(fresh_home: Path) -> RunFolder:
    return tiny.copied(fresh_home)


def imported(folder: Path, name: str, lines: list[str]) -> None:
    path = folder / f"{name}.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    store.add([path], lambda _done, _total: None, name=name)


def silent(_stage: str, _done: int, _total: int) -> None:
    pass


@given(st.floats(0.05, 0.95), st.integers(0, 100))
def test_shares_are_those_that_the_text_was_made_with(share: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    models = random.dirichlet(np.full(20, 0.2), 2) + 1e-6
    models /= models.sum(axis=1, keepdims=True)
    text = random.choice(20, 20_000, p=(p := share * models[0] + (1 - share) * models[1]) / p.sum())
    logs = np.log(models[:, text])
    found = maximised(logs)
    assert found.sum() == pytest.approx(1)

    def fit(first: float) -> float:
        return float(np.logaddexp(np.log(first) + logs[0], np.log1p(-first) + logs[1]).mean())

    # No other share makes the text much likelier.
    assert fit(min(max(found[0], 1e-9), 1 - 1e-9)) >= max(fit(f) for f in np.linspace(0.01, 0.99, 99)) - 1e-3


def test_a_helpful_model_gets_a_share_and_a_useless_one_none(run: RunFolder, fresh_home: Path) -> None:
    words = [*tiny.SUBJECTS, *tiny.TIMES, *tiny.DEEDS, *tiny.PLACES]
    pairs = [f"{t}\t{s}\t10" for t in tiny.TIMES for s in tiny.SUBJECTS]
    pairs += [f"{s}\t{p}\t10" for s in tiny.SUBJECTS for p in tiny.PLACES]
    pairs += [f"{p}\t{d}\t10" for p in tiny.PLACES for d in tiny.DEEDS]
    imported(fresh_home, "good", [*(f"{word}\t100" for word in words), *pairs])
    imported(fresh_home, "useless", ["园园\t5", "安安\t9"])
    loaded = load(run.path)
    stages: list[str] = []
    tuned = tune(loaded, ["good", "useless"], 20, lambda stage, _done, _total: stages.append(stage))
    assert list(dict.fromkeys(stages)) == ["data", "models", "shares", "mixing", "network", "before", "after"]
    assert tuned.after.perplexity <= tuned.before.perplexity + 1e-6
    assert tuned.after.sentence_accuracy >= tuned.before.sentence_accuracy
    assert tuned.fusion.imported.get("useless", 0.0) < 0.02
    assert tuned.before.sentences == tuned.after.sentences == 20
    assert not (run.path / fusion.FILE).exists()  # that is for whoever asked to say


def test_what_is_told_is_what_the_predictor_does(run: RunFolder) -> None:
    """Sentences right by the quick way are those that come first when the letters are really typed."""
    loaded = load(run.path)
    split = prepare(tiny.recipe().data).validation
    scores = loaded.predictor.ngrams
    counted = loaded.task.ngrams_file
    assert scores is not None
    assert counted is not None
    model = pinyin_ngrams.read_words(counted)
    assert model is not None
    for weights in (Fusion(), Fusion(words=0.0), Fusion(network=0.0, segmentation=0.2, words=0.4)):
        sentences = typed_sentences(loaded, split, 15, lambda _done, _total: None)
        pair = (weights.segmentation, weights.words)
        found = hits(
            sentences, scores, WordScores(model), weights.network, [pair], lambda _done, _total: None
        )
        fusion.write(loaded.found.folder, weights)
        predictor = load(run.path).predictor
        texts = {split.text_of(i): split.pinyin_of(i).replace(" ", "") for i in range(len(split))}
        right = sum(predictor.predict(texts[item.text]).candidates[0].text == item.text for item in sentences)
        assert abs(found[pair].sentences - right) <= 1  # equal sums of several ways to divide


def test_only_the_validation_split_is_looked_at(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.inference import tuning

    data = prepare(tiny.recipe().data)

    class _Guarded:
        validation, sources = data.validation, data.sources

    monkeypatch.setattr(tuning, "own_data", lambda _loaded: (_Guarded(), run))
    assert tune(load(run.path), [], 5, silent).after.sentences == 5


def test_perplexity_is_of_characters_that_can_be_written(run: RunFolder) -> None:
    loaded = load(run.path)
    own = loaded.task.ngrams_file
    assert own is not None
    model, split = pinyin_ngrams.read(own), prepare(tiny.recipe().data).validation
    logs = log_probabilities(model, split, loaded.task.vocabulary)
    first = loaded.task.vocabulary.units(*(c[: split.offsets[1]] for c in (split.text, split.syllables)))
    np.testing.assert_allclose(logs[: len(first)], model.sentence(first.astype(np.int64))[:-1], rtol=1e-4)
    assert perplexity(model, split, loaded.task.vocabulary) == pytest.approx(np.exp(-logs.mean()), rel=1e-4)


def test_refusals_and_calling_off(run: RunFolder) -> None:
    with pytest.raises(LanguageModelError, match="no language model is named nothing"):
        tune(load(run.path), ["nothing"], 5, silent)

    def stop(_stage: str, done: int, _total: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        tune(load(run.path), [], 40, stop)
    for file in run.path.rglob(pinyin_ngrams.FILE):
        file.unlink()
    with pytest.raises(DataError, match="no n-grams"):
        tune(load(run.path), [], 5, silent)
