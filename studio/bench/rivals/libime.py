"""libime, of fcitx 5: a C++ library, for which a small program of ours is compiled when it is needed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from studio.bench.rivals.rival import OFFERED, NotInstalledError, Rival, RivalError

_SOURCE = Path(__file__).with_name("bridge.cpp")
_HEADERS = Path("/usr/include")
_INCLUDES = (_HEADERS / "LibIME", _HEADERS / "Fcitx5" / "Utils")
_LIBRARIES = ("IMEPinyin", "IMECore", "Fcitx5Utils")
_NEEDED = (
    "LibIME/libime/pinyin/pinyinime.h",
    "LibIME/libime/core/languagemodel.h",
    "Fcitx5/Utils/fcitx-utils/signals.h",
    "boost/iterator/iterator_facade.hpp",
)
_DICTIONARY = Path("/usr/share/libime/sc.dict")
_SECONDS = 300  # for the compiler


def _command(scratch: Path) -> list[str]:
    compiler = shutil.which("g++")
    if compiler is None:
        raise NotInstalledError("there is no g++ to compile the bridge to libime with")
    for needed in (*(_HEADERS / name for name in _NEEDED), _DICTIONARY):
        if not needed.is_file():
            raise NotInstalledError(f"{needed} is missing")
    program = scratch / "bridge"
    command = [compiler, "-std=c++17", "-O2", *(f"-I{folder}" for folder in _INCLUDES), str(_SOURCE)]
    command += ["-o", str(program), *(f"-l{library}" for library in _LIBRARIES)]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise RivalError(f"the bridge to libime was not compiled in {_SECONDS} s") from error
    if done.returncode:
        raise RivalError(f"the bridge to libime cannot be compiled:\n{done.stderr.strip()[-2000:]}")
    # As many sentences as are looked at; fcitx 5 has two.
    return [str(program), str(_DICTIONARY), str(OFFERED), str(OFFERED)]


RIVAL = Rival(
    "libime",
    (
        "libimepinyin0",
        "libimepinyin-dev",
        "libimecore-dev",
        "libfcitx5utils-dev",
        "libboost-dev",
        "libime-data",
        "libime-data-language-model",
        "g++",
    ),
    f"spellings as fcitx 5 allows them; {OFFERED} whole sentences, not 2 as there; nothing learnt; then words",
    _command,
)
