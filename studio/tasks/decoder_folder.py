"""A folder with a decoder that others have trained or laid out, opened; and GPT-2 from the beginning."""

from __future__ import annotations

from pathlib import Path

from studio.data.decoder_tokens import NOT_YET
from studio.data.encoder_tokens import read_tokens
from studio.models.hugging_face import About, EncoderError, about, has_tokenizer, read_config
from studio.models.pretrained import settings
from studio.models.pretrained_decoder import DECODER, gpt2_config
from studio.recipe.pretrained_decoder import Gpt2
from studio.tasks.pretrained import OURS, Pretrained


def from_the_beginning(section: Gpt2) -> Pretrained:
    """GPT-2 with the sizes of a recipe, whose symbols will be those of the training texts."""
    return Pretrained(gpt2_config(section), NOT_YET, About("", ""))


def open_decoder(folder: Path, source: str) -> Pretrained:
    """The decoder of a folder, without its weights, if there are any.

    Args:
        source: what a person calls it: the folder, or a name on the hub.

    Raises:
        EncoderError: if there is none that can be used.
    """
    config = read_config(folder, DECODER)
    if {"studio", "format"} <= config.keys():
        config = {name: value for name, value in config.items() if name not in OURS}
    tokens = NOT_YET
    if has_tokenizer(folder):
        try:
            tokens = read_tokens(folder, int(settings(config).vocab_size))
        except ValueError as error:
            raise EncoderError(
                f"the network in {folder} cannot be used: {error}",
                "take the tokenizer that came with the weights",
            ) from error
    return Pretrained(config, tokens, about(folder, source, config))
