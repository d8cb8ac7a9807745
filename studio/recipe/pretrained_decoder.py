"""Networks of the transformers library that write: those that others have trained, and GPT-2 from the beginning."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from studio.recipe import sizes
from studio.recipe.fields import Section, setting

DECODERS = ("pretrained_decoder", "gpt2")
"""The families that are decoders of the transformers library."""


class PretrainedDecoder(Section):
    """A decoder that somebody else has trained: GPT-2 and its relatives, from a folder or from the Hugging Face hub."""

    family: Literal["pretrained_decoder"] = setting(
        "pretrained_decoder", title="Family", help="The kind of network."
    )
    source: str = setting(
        "",
        title="Network",
        help="A folder as Hugging Face's libraries write it (config.json, model.safetensors, tokenizer), or a name on "
        "its hub such as uer/gpt2-chinese-cluecorpussmall, which is downloaded when the run starts. A folder with a "
        "config.json and no weights begins at random; without a tokenizer, too, its symbols are those of the training "
        "texts. It may stay empty where the run starts from another run with such a decoder.",
        picks="encoders",
        max_length=4096,
    )
    layers: int = sizes.kept_layers()
    dropout: float = sizes.dropout_behind("decoder")


class Gpt2(Section):
    """GPT-2 as the transformers library builds it, begun at random: what comes out opens there under its own name."""

    family: Literal["gpt2"] = setting("gpt2", title="Family", help="The kind of network.")
    width: int = sizes.width()
    layers: int = setting(
        4, title="Layers", help="Depth; more layers see more context and train slower.", ge=1, le=48
    )
    heads: int = sizes.heads()
    max_length: int = sizes.longest(512)
    dropout: float = sizes.dropout(0.1)

    @model_validator(mode="after")
    def _heads_divide_width(self) -> Gpt2:
        sizes.check_heads(self.width, self.heads)
        return self


def unfit(task: Any, model: Any, training: Any, compute: Any) -> list[str]:
    """What in a recipe's sections does not go together where such a decoder is in use."""
    if model.family not in DECODERS:
        return []
    complaints = []
    if model.family == "pretrained_decoder" and not (model.source or training.start_from):
        complaints.append(
            "model.source is empty; give the folder of a pretrained decoder or its name on the Hugging Face hub, or "
            "let training.start_from name a run that has one"
        )
    if getattr(task, "unit", "character") == "word":
        complaints.append(
            f"task.unit word does not go with model.family {model.family}, whose library has no tokenizer that cuts "
            "words as the studio does; set it to character or to subword"
        )
    vocabulary = getattr(task, "vocabulary", None)
    if model.family == "pretrained_decoder" and vocabulary is not None and vocabulary != type(vocabulary)():
        complaints.append(
            "task.vocabulary does not go with model.family pretrained_decoder, which brings its own; leave it as it was"
        )
    elif vocabulary is not None and vocabulary.embedding == "one_hot":
        complaints.append(
            "task.vocabulary.embedding one_hot does not go with model.family gpt2, whose input layer is its output, "
            "too; set it to learnt"
        )
    if compute.strategy == "fsdp" and compute.processes * compute.nodes > 1:
        complaints.append(
            f"compute.strategy fsdp does not go with model.family {model.family}; set the strategy to ddp"
        )
    return complaints
