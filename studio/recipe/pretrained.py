"""Encoders that others have trained, and how they are fine-tuned."""

from __future__ import annotations

from typing import Any, Literal

from studio.recipe import sizes
from studio.recipe.fields import Section, setting


class PretrainedEncoder(Section):
    """An encoder that somebody else has trained: BERT and its relatives, from a folder or from the Hugging Face hub."""

    family: Literal["pretrained_encoder"] = setting(
        "pretrained_encoder", title="Family", help="The kind of network."
    )
    source: str = setting(
        "",
        title="Network",
        help="A folder as Hugging Face's libraries write it (config.json, model.safetensors, tokenizer), or a name on "
        "its hub such as hfl/rbt3, which is downloaded when the run starts. It may stay empty where the run starts "
        "from another run with such an encoder.",
        picks="encoders",
        max_length=4096,
    )
    layers: int = sizes.kept_layers()
    dropout: float = sizes.dropout_behind("encoder")


class Lora(Section):
    """Low-rank adapters (Hu et al. 2021): the encoder stays as it is, small matrices beside it are learnt."""

    rank: int = setting(
        0,
        title="Rank",
        help="Size of the adapters, usually 4 to 64; 0 trains the weights themselves. With adapters everything below "
        "the task's own output is frozen. They are merged into the weights at export.",
        ge=0,
        le=1024,
    )
    alpha: float = setting(
        16.0,
        title="Alpha",
        help="How much the adapters count: they are scaled by alpha over rank, usually 1 to 2 times the rank.",
        step=1,
        gt=0,
        le=4096,
    )
    dropout: float = setting(
        0.0,
        title="Adapter dropout",
        help="Share of what goes into an adapter that is zeroed in training.",
        step=0.05,
        ge=0,
        lt=0.9,
    )
    targets: tuple[str, ...] = setting(
        (),
        title="Adapted layers",
        help="Which linear layers of the encoder get adapters, one name or pattern a line, such as query and value, or "
        "project_in. Empty for all of them.",
        max_length=100,
    )


_ADAPTED = (
    "pretrained_encoder",
    "transformer_encoder",
    "causal_transformer",
    "gpt2",
    "pretrained_decoder",
    "t5",
    "bart",
    "pretrained_encoder_decoder",
)
_PIECES = ("character", "subword")


def unfit(task: Any, model: Any, training: Any, compute: Any) -> list[str]:
    """What in a recipe's sections does not go together where an encoder of others or adapters are in use."""
    complaints = []
    pretrained = model.family == "pretrained_encoder"
    if pretrained and not (model.source or training.start_from):
        complaints.append(
            "model.source is empty; give the folder of a pretrained encoder or its name on the Hugging Face hub, or "
            "let training.start_from name a run that has one"
        )
    unit = getattr(task, "unit", "character")
    if pretrained and unit not in _PIECES:
        complaints.append(
            f"task.unit {unit} does not go with model.family pretrained_encoder, which has pieces of its own; set it "
            "to subword for those, or to character"
        )
    vocabulary = getattr(task, "vocabulary", None)
    if pretrained and vocabulary is not None and vocabulary != type(vocabulary)():
        complaints.append(
            "task.vocabulary does not go with model.family pretrained_encoder, which brings its own; leave it as it was"
        )
    if pretrained and compute.strategy == "fsdp" and compute.processes * compute.nodes > 1:
        complaints.append(
            "compute.strategy fsdp does not go with model.family pretrained_encoder; set the strategy to ddp"
        )
    if not training.lora.rank:
        return complaints
    if model.family not in _ADAPTED:
        complaints.append(
            f"training.lora does not go with model.family {model.family}; set training.lora.rank to 0, or take one of "
            f"{', '.join(_ADAPTED)}"
        )
    elif not (model.family.startswith("pretrained_") or training.start_from):
        complaints.append(
            "training.lora leaves a network as it is that has learnt nothing yet; let training.start_from name a run, "
            "or set training.lora.rank to 0"
        )
    if compute.strategy == "fsdp" and compute.processes * compute.nodes > 1:
        complaints.append("training.lora does not go with compute.strategy fsdp; set the strategy to ddp")
    return complaints
