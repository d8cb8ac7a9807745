"""How a run failed, said in the window's language."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.data.errors import DataError
from studio.engine.broken import Diverged
from studio.engine.device import DeviceError
from studio.engine.environment import changed_data
from studio.engine.failures import describe
from studio.gui.i18n import language
from studio.gui.widgets.refusals import failure_texts
from studio.runs.folder import RunError, RunFolder
from tests import tiny


@pytest.fixture
def chinese() -> Iterator[None]:
    before = language.code
    language.set("zh_CN")
    yield
    language.set(before)


@pytest.mark.parametrize(
    "error",
    [
        Diverged("The loss or the gradient is no longer a number at step 12."),
        Diverged("The loss or the gradient is no longer a number at step 12. So were 10 before it in a row."),
        Diverged("The weights are no longer numbers at step 12."),
        MemoryError("not enough memory: 12 GB"),
        RuntimeError("CUDA error: unspecified launch failure"),
        changed_data(RunFolder(Path("/data/run")), tiny.recipe()),
        OSError(errno.ENOSPC, "No space left on device", "/data/run/model"),
        OSError(errno.EROFS, "只读", "/data/run/model"),
        DataError("/data/a.txt is empty", "choose a file that holds text"),
        DeviceError("cuda:3 asks for a CUDA device and it has none on this machine"),
        RunError("process 12 is writing to /data/run; stop that run first, or start a new one"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_the_engine_says_of_errors_is_known_in_chinese(chinese: None, error: Exception) -> None:
    cause, fix = failure_texts(describe(error, 12, tiny.recipe()))
    for text in (cause, fix):
        assert re.search("[一-鿿]", text), text
        english = re.sub(
            r"\S*[/.:_]\S*|\b(?:GPU|GB|CUDA|error|unspecified|launch|failure|auto|cpu|fp32|bf16|cuda)\b"
            r"|\b(?:not|enough|memory)\b",
            "",
            text,
        )
        assert not re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", english), text


def test_what_is_not_known_is_shown_as_it_is(chinese: None) -> None:
    cause, fix = failure_texts(describe(KeyError("surprise"), 1))
    assert "surprise" in cause
    assert fix
