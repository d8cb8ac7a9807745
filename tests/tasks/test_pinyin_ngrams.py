"""N-grams of a data set: made once, kept, carried by model folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from studio import tasks
from studio.data.errors import Cancelled
from studio.data.prepare import prepare
from studio.inference.load import load
from studio.tasks import pinyin_ngrams
from studio.tasks.model_folder import ModelFolderError
from studio.tasks.pinyin_to_hanzi import PinyinToHanzi
from tests import tiny


def prepared() -> PinyinToHanzi:
    task = tasks.create("pinyin_to_hanzi").prepare(prepare(tiny.recipe().data))
    assert isinstance(task, PinyinToHanzi)
    return task


def test_they_are_made_once_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = prepare(tiny.recipe().data)
    task = prepared()
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path))
    stages: list[int] = []
    first = pinyin_ngrams.learnt(dataset, task.vocabulary, lambda done, _total: stages.append(done))
    assert stages
    again: list[int] = []
    assert pinyin_ngrams.learnt(dataset, task.vocabulary, lambda done, _total: again.append(done)) == first
    assert not again
    model = pinyin_ngrams.read(first)
    text = "今天老师在北京"
    split = next(i for i in range(len(dataset.train)) if dataset.train.text_of(i).startswith(text[:4]))
    units = task.vocabulary.units(
        *(
            getattr(dataset.train, c)[slice(*dataset.train.offsets[split : split + 2])]
            for c in ("text", "syllables")
        )
    )
    assert model.sentence(units.astype(np.int64)).mean() > np.log(0.3)


def squeezed(folder: Path) -> Path:
    task = prepared()
    learnt = pinyin_ngrams.learnt(prepare(tiny.recipe().data), task.vocabulary)
    counted = pinyin_ngrams.Counted(pinyin_ngrams.read(learnt), pinyin_ngrams.read_words(learnt))
    save_file(counted.squeezed(), folder / "small.safetensors")
    return folder / "small.safetensors"


def test_a_squeezed_file_is_read_from_a_copy_after_the_first_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = squeezed(tmp_path)
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    copy = pinyin_ngrams.quick(small)
    assert copy != small and copy == pinyin_ngrams.quick(small) == pinyin_ngrams.quick(copy)
    for read in (pinyin_ngrams.read, lambda path: pinyin_ngrams.read_words(path).ngrams):
        for one, other in zip(read(small).levels, read(copy).levels, strict=True):
            np.testing.assert_array_equal(one.keys, other.keys)
            np.testing.assert_allclose(one.log, other.log, atol=1e-5)
            np.testing.assert_allclose(one.back, other.back, atol=1e-5)


def test_without_a_cache_the_squeezed_file_itself_has_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = squeezed(tmp_path)
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "file"))
    assert pinyin_ngrams.quick(small) == small


def test_calling_off_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, task = prepare(tiny.recipe().data), prepared()
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path))

    def stop(_done: int, _total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        pinyin_ngrams.learnt(dataset, task.vocabulary, stop)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    best = load(tiny.finished_run().path).found.folder
    shutil.copytree(best, folder)
    (folder / pinyin_ngrams.FILE).unlink()
    assert load(folder).predictor.predict("jintian").candidates  # an older model has none
    (folder / pinyin_ngrams.FILE).write_bytes(b"\x00" * 64)
    with pytest.raises(ModelFolderError, match="n-grams"):
        load(folder)


def test_checkpoints_share_one_file(tmp_path: Path) -> None:
    run = tiny.finished_run()
    files = list(run.path.rglob(pinyin_ngrams.FILE))
    assert len(files) > 1
    assert len({file.stat().st_ino for file in files}) == 1
