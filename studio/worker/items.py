"""The lab's part in looking through the items of evaluations: pages and exports, without a model."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from studio.data.errors import DataError
from studio.runs import appraisals
from studio.runs.appraisal_requests import ExportItems, ItemsExported, ItemsPaged, PageItems

if TYPE_CHECKING:
    from studio.inference.appraisal.items import Items

_MOST = 1000  # items of a page
_KEPT = 2  # files whose columns are in memory
_open: OrderedDict[tuple[str, int, int], Items] = OrderedDict()
_lock = threading.Lock()


def page(request: PageItems) -> ItemsPaged:
    """Some items of an evaluation.

    Raises:
        DataError: if they cannot be read.
    """
    items = _opened(request.folder, request.records)
    offset, count = max(request.offset, 0), min(max(request.count, 1), _MOST)
    found, total = items.page(request.wanted, offset, count)
    return ItemsPaged(id=request.id, items=found, offset=offset, total=total)


def export(request: ExportItems) -> ItemsExported:
    """Write items to a file of the user's.

    Raises:
        DataError: if they cannot be read, or the name of the file will not do.
        OSError: if the file cannot be written.
    """
    from studio.inference.appraisal.items import export as write

    target = Path(request.target).expanduser()
    count = write(_opened(request.folder, request.records), request.wanted, target)
    return ItemsExported(id=request.id, path=str(target), items=count)


def _opened(folder: str, name: str) -> Items:
    from studio.inference.appraisal.items import Items  # with pyarrow, which nothing else of the lab may need

    if Path(name).name != name:
        raise DataError(f"{name} is no name of a file with items", "evaluate the model again")
    path = Path(folder) / appraisals.FOLDER / name
    try:
        status = path.stat()
    except OSError as error:
        raise DataError(f"the items in {path} are gone", "evaluate the model again") from error
    key = (str(path), status.st_mtime_ns, status.st_size)
    with _lock:
        if key not in _open:
            _open[key] = Items(path)
            while len(_open) > _KEPT:
                _open.popitem(last=False)
        _open.move_to_end(key)
        return _open[key]
