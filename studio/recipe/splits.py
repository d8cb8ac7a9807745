"""Which documents are learnt from and which judge, and how often those learnt from are seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from studio.recipe.fields import Section, setting

_NAMED = 12  # labels that are named in a complaint


class Splits(Section):
    """How documents are divided before anything else happens."""

    by: Literal["document", "group", "date", "label"] = setting(
        "document",
        title="Divide by",
        help="Single documents at random; groups and files at random, none of them divided; date, the newest for the "
        "test; or label, each with its share in every split.",
    )
    validation: float = setting(
        0.03, title="Validation share", help="Documents watched during training.", step=0.01, gt=0, le=0.4
    )
    test: float = setting(
        0.05,
        title="Test share",
        help="Documents kept for the final evaluation only.",
        step=0.01,
        gt=0,
        le=0.4,
    )
    seed: int = setting(1, title="Split seed", help="Another seed draws other documents.", ge=0, le=2**31 - 1)


class Balance(Section):
    """How often an epoch shows what is frequent and what is rare."""

    method: Literal["none", "over", "under", "same"] = setting(
        "none",
        title="Re-sampling",
        help="Repeat the rare ones; leave some of the frequent ones out, others in each epoch; or both, with as many "
        "examples an epoch as there are.",
    )
    by: Literal["label", "source"] = setting(
        "label", title="Balance between", help="The labels of a classification, or the sources of the texts."
    )
    temperature: float = setting(
        1000.0,
        title="Temperature",
        help="Shares follow counts to the power of 1/temperature: at 1 they stay, at 2 they come closer, at 1000 all "
        "are alike.",
        step=1,
        ge=1,
        le=1000,
    )


def epoch_counts(counts: Sequence[int], balance: Balance) -> tuple[int, ...]:
    """How many examples of each class an epoch shows: whole numbers, one at least where there are any.

    The shares follow counts ** (1 / temperature), as in the sampling of languages by Devlin et al.
    (https://github.com/google-research/bert/blob/master/multilingual.md). Over-sampling shows each example once or more
    often, under-sampling once at the most.
    """
    if balance.method == "none":
        return tuple(counts)
    shares = [count ** (1 / balance.temperature) if count else 0.0 for count in counts]
    sizes = [count / share for count, share in zip(counts, shares, strict=True) if count]
    if not sizes:
        return tuple(counts)
    scale = {"over": max(sizes), "under": min(sizes), "same": sum(counts) / sum(shares)}[balance.method]
    return tuple(
        max(1, round(scale * share)) if count else 0 for count, share in zip(counts, shares, strict=True)
    )


def label_weights(
    counts: Sequence[int], kind: str, by_hand: Sequence[float] = ()
) -> tuple[float, ...] | None:
    """What a text of each label counts in the loss, 1 in the mean over the texts; None if all count alike.

    Args:
        counts: texts of each label in an epoch.
        kind: "none"; "balanced", in inverse proportion to the counts; "square_root", to the root of them.
        by_hand: how many times as much as that each label counts, see `factors`; nothing for once.
    """
    if not counts or (kind == "none" and len(set(by_hand)) < 2):
        return None
    power = {"none": 0.0, "balanced": 1.0}.get(kind, 0.5)
    raw = [max(count, 1) ** -power for count in counts]
    if by_hand:
        raw = [weight * factor for weight, factor in zip(raw, by_hand, strict=True)]
    mean = sum(count * weight for count, weight in zip(counts, raw, strict=True)) / max(sum(counts), 1)
    return tuple(weight / mean if mean else 1.0 for weight in raw)


def factors(labels: Sequence[str], by_hand: Mapping[str, float]) -> tuple[float, ...]:
    """What is given by hand for each of some labels, 1 where nothing is."""
    return tuple(float(by_hand.get(label, 1.0)) for label in labels)


def strange_labels(labels: Sequence[str], by_hand: Mapping[str, float]) -> tuple[str, str] | None:
    """What is wrong with weights by hand, and what would be right; None if each is that of a label."""
    strange = sorted(set(by_hand) - set(labels))
    if not strange:
        return None
    more = f" and {len(labels) - _NAMED:,} more" if len(labels) > _NAMED else ""
    named, known = ", ".join(strange[:_NAMED]), ", ".join(labels[:_NAMED]) + more
    return f"no training text has the label {named}, which is given a weight; the labels are {known}", (
        "give weights to labels that there are"
    )
