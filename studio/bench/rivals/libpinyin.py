"""libpinyin, of ibus: its C library, whose functions are called with ctypes in a child process.

Their declarations: `pinyin.h` and `pinyin_custom2.h` of libpinyin 2.8.1.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

from studio.bench.children import module
from studio.bench.rivals.rival import OFFERED, NotInstalledError, Rival, serve

_LIBRARY = "libpinyin.so.15"
# Initials alone, slips within a syllable, other divisions; all that libpinyin has but for learning and fuzzy sounds.
_INCOMPLETE, _DIVIDED, _RESPLIT, _CORRECT_ALL = 1 << 3, 1 << 7, 1 << 8, 0xFF << 21
_OPTIONS = _INCOMPLETE | _DIVIDED | _RESPLIT | _CORRECT_ALL
# Its own order, without phrases that are longer than what was typed.
_NONE_LONGER, _BY_PHRASE_LENGTH, _BY_PINYIN_LENGTH, _BY_FREQUENCY = 1 << 1, 1 << 2, 1 << 3, 1 << 4
_ORDER = _NONE_LONGER | _BY_PHRASE_LENGTH | _BY_PINYIN_LENGTH | _BY_FREQUENCY


class Libpinyin:
    """An input context of libpinyin.

    Raises:
        RuntimeError: if the library does not take the data.
    """

    def __init__(self, data: Path, user: Path) -> None:
        self._library = ctypes.CDLL(_LIBRARY)
        for name in ("pinyin_init", "pinyin_alloc_instance"):
            getattr(self._library, name).restype = ctypes.c_void_p
        self._library.pinyin_parse_more_full_pinyins.restype = ctypes.c_size_t
        context = ctypes.c_void_p(self._library.pinyin_init(str(data).encode(), str(user).encode()))
        if context.value is None:
            raise RuntimeError(f"libpinyin cannot use {data}")
        self._library.pinyin_set_options(context, ctypes.c_uint32(_OPTIONS))
        self._instance = ctypes.c_void_p(self._library.pinyin_alloc_instance(context))
        self._letters = ""

    def clear(self) -> None:
        self._letters = ""
        self._library.pinyin_reset(self._instance)

    def press(self, letter: str) -> list[str]:
        # As ibus-libpinyin does at each key: all letters anew.
        self._letters += letter
        library, instance = self._library, self._instance
        library.pinyin_parse_more_full_pinyins(instance, self._letters.encode())
        library.pinyin_guess_sentence(instance)
        library.pinyin_guess_candidates(instance, ctypes.c_size_t(0), ctypes.c_uint(_ORDER))
        count = ctypes.c_uint()
        library.pinyin_get_n_candidate(instance, ctypes.byref(count))
        return [self._candidate(number) for number in range(min(OFFERED, count.value))]

    def _candidate(self, number: int) -> str:
        candidate, text = ctypes.c_void_p(), ctypes.c_char_p()
        self._library.pinyin_get_candidate(self._instance, ctypes.c_uint(number), ctypes.byref(candidate))
        self._library.pinyin_get_candidate_string(self._instance, candidate, ctypes.byref(text))
        return (text.value or b"").decode()


def _data() -> Path:
    for folder in (*Path("/usr/lib").glob("*/libpinyin/data"), Path("/usr/share/libpinyin/data")):
        if folder.is_dir():
            return folder
    raise NotInstalledError("the data of libpinyin are missing")


def _command(scratch: Path) -> list[str]:
    try:
        ctypes.CDLL(_LIBRARY)
    except OSError as error:
        raise NotInstalledError(str(error)) from error
    return module(__name__, str(_data()), str(scratch))


RIVAL = Rival(
    "libpinyin",
    ("libpinyin15", "libpinyin-data"),
    "initials, corrections and other divisions allowed; nothing learnt; at most three whole sentences, then words",
    _command,
)

if __name__ == "__main__":
    serve(lambda: Libpinyin(Path(sys.argv[1]), Path(sys.argv[2])))
