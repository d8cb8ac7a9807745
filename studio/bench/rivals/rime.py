"""rime: librime, whose functions are called with ctypes in a child process, with Luna Pinyin in simplified characters.

Their declarations: `rime_api.h` of librime 1.8.5.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

from studio.bench.children import module
from studio.bench.rivals.rival import OFFERED, NotInstalledError, Rival, serve

_LIBRARY = "librime.so.1"
_SHARED = Path("/usr/share/rime-data")
_SCHEMA = "luna_pinyin_simp"
# The schema list is what is made ready; a page is what is looked at after each key.
_SETTINGS = f"patch:\n  schema_list:\n    - schema: {_SCHEMA}\n  menu/page_size: {OFFERED}\n"

_Text = ctypes.c_char_p


class _Traits(ctypes.Structure):
    _fields_ = (
        ("data_size", ctypes.c_int),
        ("shared_data_dir", _Text),
        ("user_data_dir", _Text),
        ("distribution_name", _Text),
        ("distribution_code_name", _Text),
        ("distribution_version", _Text),
        ("app_name", _Text),
        ("modules", ctypes.c_void_p),
        ("min_log_level", ctypes.c_int),
        ("log_dir", _Text),
        ("prebuilt_data_dir", _Text),
        ("staging_dir", _Text),
    )


class _Composition(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_int),
        ("cursor_pos", ctypes.c_int),
        ("sel_start", ctypes.c_int),
        ("sel_end", ctypes.c_int),
        ("preedit", _Text),
    )


class _Candidate(ctypes.Structure):
    _fields_ = (("text", _Text), ("comment", _Text), ("reserved", ctypes.c_void_p))


class _Menu(ctypes.Structure):
    _fields_ = (
        ("page_size", ctypes.c_int),
        ("page_no", ctypes.c_int),
        ("is_last_page", ctypes.c_int),
        ("highlighted_candidate_index", ctypes.c_int),
        ("num_candidates", ctypes.c_int),
        ("candidates", ctypes.POINTER(_Candidate)),
        ("select_keys", _Text),
    )


class _Context(ctypes.Structure):
    _fields_ = (
        ("data_size", ctypes.c_int),
        ("composition", _Composition),
        ("menu", _Menu),
        ("commit_text_preview", _Text),
        ("select_labels", ctypes.c_void_p),
    )


def _sized(structure: ctypes.Structure) -> None:
    """Say how long a structure is, not counting the field that says so: rime's way to grow them."""
    structure.data_size = ctypes.sizeof(structure) - ctypes.sizeof(ctypes.c_int)


class Rime:
    """A session of librime.

    Raises:
        RuntimeError: if rime cannot make its dictionaries ready.
    """

    def __init__(self, shared: Path, user: Path) -> None:
        (user / "default.custom.yaml").write_text(_SETTINGS, encoding="utf-8")
        self._library = library = ctypes.CDLL(_LIBRARY)
        library.RimeCreateSession.restype = ctypes.c_size_t
        traits = _Traits(
            shared_data_dir=str(shared).encode(),
            user_data_dir=str(user).encode(),
            distribution_name=b"Hanzi Studio",
            distribution_code_name=b"hanzi-studio",
            distribution_version=b"1",
            app_name=b"rime.hanzi-studio",
            min_log_level=2,
            log_dir=str(user).encode(),
        )
        _sized(traits)
        library.RimeSetup(ctypes.byref(traits))
        library.RimeInitialize(ctypes.byref(traits))
        if library.RimeStartMaintenance(1):
            library.RimeJoinMaintenanceThread()
        self._session = ctypes.c_size_t(library.RimeCreateSession())
        if not self._session.value or not library.RimeSelectSchema(self._session, _SCHEMA.encode()):
            raise RuntimeError(f"rime has no {_SCHEMA}")

    def clear(self) -> None:
        self._library.RimeClearComposition(self._session)

    def press(self, letter: str) -> list[str]:
        self._library.RimeProcessKey(self._session, ord(letter), 0)
        context = _Context()
        _sized(context)
        if not self._library.RimeGetContext(self._session, ctypes.byref(context)):
            return []
        menu = context.menu
        found = [menu.candidates[i].text.decode() for i in range(min(OFFERED, menu.num_candidates))]
        self._library.RimeFreeContext(ctypes.byref(context))
        return found


def _command(scratch: Path) -> list[str]:
    try:
        ctypes.CDLL(_LIBRARY)
    except OSError as error:
        raise NotInstalledError(str(error)) from error
    for name in ("default.yaml", f"{_SCHEMA}.schema.yaml"):
        if not (_SHARED / name).is_file():
            raise NotInstalledError(f"{_SHARED / name} is missing")
    return module(__name__, str(_SHARED), str(scratch))


RIVAL = Rival(
    "rime",
    ("librime1", "librime-data", "rime-data-luna-pinyin", "rime-data-stroke"),
    "Luna Pinyin in simplified characters, ten candidates a page, nothing learnt; one whole sentence, then words",
    _command,
)

if __name__ == "__main__":
    serve(lambda: Rime(Path(sys.argv[1]), Path(sys.argv[2])))
