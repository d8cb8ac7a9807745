"""A network's folder by what a recipe calls it: a folder of this machine, or a name on the Hugging Face hub.

What is named on the hub is downloaded when a run starts, into the library's own cache, where other programs find it.
Only weights as safetensors, configuration, tokenizer and README are taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from studio.data.errors import Cancelled
from studio.data.hub_progress import bar
from studio.models.hugging_face import PretrainedError

_NAME = re.compile(r"[\w.-]{1,96}(/[\w.-]{1,96})?")
_WANTED = (
    "config.json",
    "*.safetensors",
    "*.safetensors.index.json",
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "*.model",
    "README.md",
)
Report = Callable[[str, int, int], None]


def is_local(source: str) -> bool:
    """Whether a source is meant as a folder: one that is there, or what can be no name on the hub."""
    path = Path(source).expanduser()
    return path.is_absolute() or source.startswith(".") or path.exists() or not _NAME.fullmatch(source)


def folder_of(source: str) -> Path:
    """Where a network of others lies on this machine.

    Raises:
        PretrainedError: if it is named on the hub, and was not downloaded yet.
    """
    if is_local(source):
        return Path(source).expanduser().absolute()
    found = _cached(source)
    if found is None:
        raise PretrainedError(
            f"the network {source} is not on this machine yet",
            "it is downloaded when a run starts; if a folder was meant, give its whole path",
        )
    return found


def is_here(source: str) -> bool:
    """Whether nothing has to be downloaded."""
    return is_local(source) or _cached(source) is not None


def download(source: str, report: Report, called_off: Callable[[], bool]) -> Path:
    """Fetch a network from the hub.

    Args:
        report: called with what is fetched, and how much of it is there of how much in all, in KiB: bytes would be too
            many for the bars that show them.
        called_off: asked while it goes on.

    Raises:
        PretrainedError: if it cannot be had.
        Cancelled: if it was called off; what was fetched is gone on with next time.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    def told(done: int, total: int) -> None:
        report(source, done >> 10, total >> 10)

    try:
        folder = snapshot_download(source, allow_patterns=list(_WANTED), tqdm_class=bar(told, called_off))
    except Cancelled:
        raise
    except GatedRepoError as error:  # which is a kind of the next one
        raise PretrainedError(
            f"the hub gives {source} only to whoever has agreed to its terms",
            "agree to them on its page and log in with `hf auth login`, or take another one",
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise PretrainedError(
            f"there is no folder {source}, and the Hugging Face hub has no network of that name",
            "check the path or the name",
        ) from error
    except (OfflineModeIsEnabled, LocalEntryNotFoundError, OSError) as error:
        raise PretrainedError(
            f"the network {source} cannot be downloaded: the Hugging Face hub cannot be reached",
            "connect to the internet and start again, or download the folder elsewhere and give its path; if a folder "
            "was meant, it is not there",
        ) from error
    except Exception as error:  # the client of the network raises errors of its own
        if called_off():
            raise Cancelled from error
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise PretrainedError(
            f"the network {source} cannot be downloaded: {reason}", "check the connection and start again"
        ) from error
    if not any(Path(folder).glob("*.safetensors")):
        raise PretrainedError(
            f"the hub has no weights of {source} as safetensors, and others are not read here",
            "take a network that has some, or have them written where you trust the file and give that folder: "
            "from_pretrained(NAME).save_pretrained(FOLDER)",
        )
    return Path(folder)


def _cached(source: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(source, allow_patterns=list(_WANTED), local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError, ValueError):
        return None
    # A download that was broken off leaves some of the files.
    whole = (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))
    return folder if whole else None
