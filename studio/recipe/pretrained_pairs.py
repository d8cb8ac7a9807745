"""Encoder-decoders that others have trained, and what goes with those of the transformers library's shapes."""

from __future__ import annotations

from typing import Any, Literal

from studio.recipe.encoder_decoder import T5, Bart
from studio.recipe.fields import Section, setting
from studio.recipe.sequences import SequenceToSequence

FAMILY = "pretrained_encoder_decoder"


class PretrainedEncoderDecoder(Section):
    """An encoder-decoder that somebody else has trained or laid out: T5, BART and their relatives."""

    family: Literal["pretrained_encoder_decoder"] = setting(
        "pretrained_encoder_decoder", title="Family", help="The kind of network."
    )
    source: str = setting(
        "",
        title="Network",
        help="A folder as Hugging Face's libraries write it (config.json, tokenizer, model.safetensors), or a name on "
        "its hub such as fnlp/bart-base-chinese, which is downloaded when the run starts. A folder without weights "
        "gives its shape and its tokenizer alone, and the network begins at random. It may stay empty where the run "
        "starts from another run with such a network.",
        picks="encoders",
        max_length=4096,
    )
    source_language: str = setting(
        "",
        title="Language read",
        help="For networks of many languages what their tokenizer calls the one that is read, such as zh_CN (mBART) or "
        "zho_Hans (NLLB). Empty: as the tokenizer's folder says.",
        max_length=40,
        advanced=True,
    )
    target_language: str = setting(
        "",
        title="Language written",
        help="The same for the language that is written, such as en_XX or eng_Latn.",
        max_length=40,
        advanced=True,
    )


OF_ONE_TABLE = (T5, Bart, PretrainedEncoderDecoder)
"""Networks that have the same symbols, with the same vectors, on both sides."""
USUAL = {"source_unit": "subword", "target_unit": "subword", "shared": True}
"""What the task says where a recipe with such a network is silent."""


def disagreements(task: Any, model: Any, training: Any, compute: Any) -> list[str]:
    """What in a recipe's sections does not go together with a network that has one table for both sides."""
    if not isinstance(task, SequenceToSequence) or not isinstance(model, OF_ONE_TABLE):
        return []
    complaints = []
    family, pretrained = model.family, isinstance(model, PretrainedEncoderDecoder)
    if isinstance(model, PretrainedEncoderDecoder) and not (model.source or training.start_from):
        complaints.append(
            "model.source is empty; give the folder of an encoder-decoder such as T5 or BART or its name on the "
            "Hugging Face hub, or let training.start_from name a run that has one"
        )
    units = {"source_unit": task.source_unit, "target_unit": task.target_unit}
    if pretrained and set(units.values()) != {"subword"}:
        name, unit = next((name, unit) for name, unit in units.items() if unit != "subword")
        complaints.append(
            f"task.{name} {unit} does not go with model.family {family}, which has pieces of its own; set "
            "task.source_unit and task.target_unit to subword, and task.shared to true"
        )
    elif not task.shared:
        complaints.append(
            f"task.shared false does not go with model.family {family}, which has one vocabulary for what is read and "
            "what is written; set task.shared to true, and task.source_unit and task.target_unit to the same unit"
        )
    if pretrained and task.vocabulary != type(task.vocabulary)():
        complaints.append(
            f"task.vocabulary does not go with model.family {family}, which brings its own; leave it as it was"
        )
    elif task.vocabulary.embedding == "one_hot":
        complaints.append(
            f"task.vocabulary.embedding one_hot does not go with model.family {family}, whose vectors are shared with "
            "its output; set it to learnt"
        )
    if compute.strategy == "fsdp" and compute.processes * compute.nodes > 1:
        complaints.append(
            f"compute.strategy fsdp does not go with model.family {family}; set the strategy to ddp"
        )
    return complaints
