"""A folder with a decoder that others have trained or laid out, opened; and GPT-2 from the beginning."""

from __future__ import annotations

from pathlib import Path

from studio.data.decoder_tokens import NOT_YET
from studio.models.hugging_face import About, about, has_tokenizer
from studio.models.pretrained_decoder import DECODER, gpt2_config
from studio.recipe.pretrained_decoder import Gpt2
from studio.tasks.encoder_folder import read_pieces, read_settings
from studio.tasks.pretrained import Pretrained


def from_the_beginning(section: Gpt2) -> Pretrained:
    """GPT-2 with the sizes of a recipe, whose symbols will be those of the training texts."""
    return Pretrained(gpt2_config(section), NOT_YET, About("", ""))


def open_decoder(folder: Path, source: str) -> Pretrained:
    """The decoder of a folder, without its weights, if there are any.

    Args:
        source: what a person calls it: the folder, or a name on the hub.

    Raises:
        PretrainedError: if there is none that can be used.
    """
    config = read_settings(folder, DECODER)
    tokens = read_pieces(folder, config) if has_tokenizer(folder) else NOT_YET
    return Pretrained(config, tokens, about(folder, source, config))
