"""Augmentation in training: what is fed varies, what is asked for stays, and a run goes on bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from studio.data.augmentation.syllables import is_typed_syllable, partners, slip
from studio.data.prepare import prepare
from studio.data.symbols import PADDING
from studio.engine.ahead import Supply
from studio.engine.order import Position, TrainingOrder
from studio.language.syllables import SYLLABLES
from studio.recipe import Recipe, RecipeError, parse
from studio.recipe.augmentation import beginning
from studio.runs import commands, events
from studio.runs.commands import CommandQueue
from studio.runs.folder import RunFolder
from studio.tasks import create
from studio.tasks.varying import varying
from tests import tiny

FUZZY = {"kind": "fuzzy_sounds", "share": 1.0, "rate": 0.5}


def with_augmentation(recipe: Recipe, *items: dict[str, Any]) -> Recipe:
    values = recipe.model_dump(mode="json")
    values["data"]["augmentation"] = list(items)
    return parse(values)


def test_without_augmentation_nothing_is_varied() -> None:
    recipe = tiny.recipe()
    dataset = prepare(recipe.data)
    assert varying(create("pinyin_to_hanzi").prepare(dataset), dataset, recipe) is None


def test_syllables_are_confused_and_the_right_character_is_asked_for() -> None:
    recipe = with_augmentation(tiny.recipe(), FUZZY)
    dataset = prepare(recipe.data)
    task = create("pinyin_to_hanzi").prepare(dataset)
    vary = varying(task, dataset, recipe)
    assert vary is not None
    examples = task.examples(dataset, "train")
    chosen = np.arange(12)
    plain = task.collate(examples, chosen)
    fed = vary(plain, chosen, 3)
    before, after = plain.inputs["symbols"], fed.inputs["symbols"]
    assert torch.equal(fed.inputs["meant"], before)
    assert torch.equal(fed.inputs["units"], plain.inputs["units"])
    assert torch.equal(after == 0, before == 0)
    table, counts = partners(recipe.data.augmentation[0].pairs)  # type: ignore[union-attr]
    differ = before != after
    assert differ.any()
    for one, other in zip((before[differ] - 1).tolist(), (after[differ] - 1).tolist(), strict=True):
        assert other in table[one][: counts[one]]
    assert torch.equal(vary(plain, chosen, 3).inputs["symbols"], after)
    assert not torch.equal(vary(plain, chosen, 4).inputs["symbols"], after)
    # The same example is the same in any other batch.
    one = task.collate(examples, chosen[5:6])
    length = one.inputs["symbols"].shape[1]
    assert torch.equal(vary(one, chosen[5:6], 3).inputs["symbols"][0], after[5, :length])


SLIPS = {"kind": "typing_slips", "share": 1.0, "rate": 0.6, "initials": 0.0}


def test_slips_that_make_another_syllable_are_fed() -> None:
    recipe = with_augmentation(tiny.recipe(), SLIPS)
    dataset = prepare(recipe.data)
    task = create("pinyin_to_hanzi").prepare(dataset)
    vary = varying(task, dataset, recipe)
    assert vary is not None
    examples = task.examples(dataset, "train")
    chosen = np.arange(60)
    plain = task.collate(examples, chosen)
    fed = vary(plain, chosen, 2)
    before, after = plain.inputs["symbols"], fed.inputs["symbols"]
    assert torch.equal(fed.inputs["meant"], before)
    assert torch.equal(fed.inputs["units"], plain.inputs["units"])
    assert torch.equal(after == 0, before == 0)
    differ = 0
    for row, number in enumerate(chosen.tolist()):
        meant = [SYLLABLES[symbol - 1] for symbol in before[row].tolist() if symbol]
        typed = slip(meant, recipe.data.augmentation, recipe.training.seed, 2, number)
        read = [SYLLABLES[symbol - 1] for symbol in after[row].tolist() if symbol]
        for own, letters, seen in zip(meant, typed, read, strict=True):
            assert seen == (letters if is_typed_syllable(letters) else own)
            differ += seen != own
    assert differ > 5
    assert torch.equal(vary(plain, chosen, 2).inputs["symbols"], after)
    assert not torch.equal(vary(plain, chosen, 3).inputs["symbols"], after)
    one = task.collate(examples, chosen[7:8])
    length = one.inputs["symbols"].shape[1]
    assert torch.equal(vary(one, chosen[7:8], 2).inputs["symbols"][0], after[7, :length])


def test_what_is_no_syllable_cannot_be_fed() -> None:
    with pytest.raises(
        RecipeError, match=r"data\.augmentation\.0 \(typing_slips\) cuts syllables down to their init"
    ):
        with_augmentation(tiny.recipe(), {"kind": "typing_slips"})
    assert beginning("typing_slips", "pinyin_to_hanzi") == {"initials": 0.0}
    assert beginning("fuzzy_sounds", "pinyin_to_hanzi") == {}
    assert not is_typed_syllable("m") and not is_typed_syllable("zhng") and is_typed_syllable("zong")


def test_the_loss_is_over_the_candidates_of_what_was_meant() -> None:
    recipe = with_augmentation(tiny.recipe(), {**FUZZY, "rate": 1.0})
    dataset = prepare(recipe.data)
    task = create("pinyin_to_hanzi").prepare(dataset)
    torch.manual_seed(1)
    model = task.build_model(recipe).eval()
    vary = varying(task, dataset, recipe)
    assert vary is not None
    chosen = np.arange(8)
    plain = task.collate(task.examples(dataset, "train"), chosen)
    fed = vary(plain, chosen, 0)
    with torch.no_grad():
        found = float(model(**fed.inputs))
        hidden = model.encode(fed.inputs["symbols"], fed.inputs["lengths"])
        valid = plain.inputs["units"] >= 0
        units, logs = model.head(hidden[valid], plain.inputs["symbols"][valid] - 1)
        right = units == plain.inputs["units"][valid][:, None]
        assert right.any(dim=1).all()
        assert found == pytest.approx(-float(logs[right].sum()), rel=1e-5)
        assert float(model(**plain.inputs)) != pytest.approx(found, rel=1e-6)


def test_batches_know_their_own_epoch_whatever_processes_there_are() -> None:
    """Two processes are fed what one is that takes twice as many batches, across the ends of epochs, too."""
    recipe = with_augmentation(tiny.recipe("training.token_budget=256"), FUZZY)
    dataset = prepare(recipe.data)
    task = create("pinyin_to_hanzi").prepare(dataset)
    examples, vary = task.examples(dataset, "train"), varying(task, dataset, recipe)
    order = TrainingOrder(dataset, recipe)
    length = len(order.epoch(0))
    count = 2 * (length // 2 + 2)

    def supply(rank: int, size: int, start: Position = Position()) -> Supply:  # noqa: B008
        def collate(chosen: np.ndarray) -> Any:
            return task.collate(examples, chosen)

        return Supply(order, start, collate, torch.device("cpu"), rank, size, vary)

    alone = supply(0, 1)
    wanted = [alone.next() for _ in range(count)]
    both = [supply(rank, 2) for rank in (0, 1)]
    got = [both[place % 2].next() for place in range(count)]
    for one, other in zip(wanted, got, strict=True):
        assert torch.equal(one.batch.inputs["symbols"], other.batch.inputs["symbols"])
    later = supply(0, 1, wanted[2].position)
    assert torch.equal(later.next().batch.inputs["symbols"], wanted[3].batch.inputs["symbols"])


@pytest.mark.parametrize("item", [FUZZY, SLIPS], ids=["sounds", "slips"])
def test_a_run_that_is_paused_goes_on_bit_for_bit(tmp_path: Path, item: dict[str, Any]) -> None:
    recipe = with_augmentation(
        tiny.recipe("training.max_steps=14", "training.checkpoint_every=7", "training.evaluate_every=7"),
        item,
    )
    whole, parts = (RunFolder.create(tmp_path, name) for name in ("whole", "parts"))
    for _ in tiny.training(recipe, whole):
        pass
    queue = CommandQueue()
    for event in tiny.training(recipe, parts, queue):
        if isinstance(event, events.CheckpointSaved) and event.step == 7:
            queue.put(commands.Pause())
    assert isinstance(event, events.Paused)
    last = list(tiny.training(recipe, parts))[-1]
    assert isinstance(last, events.Finished)
    one, other = (load_file(run.checkpoint(14) / "model.safetensors") for run in (whole, parts))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_texts_are_rewritten_and_their_labels_stay(tmp_path: Path) -> None:
    path = tmp_path / "labelled.txt"
    good, bad = "这本书写得非常好，内容丰富有趣", "房间又小又脏，服务态度也差"
    lines = [
        f"{label}\t{text}{chr(0x4E00 + n)}"
        for n in range(60)
        for label, text in (("good", good), ("bad", bad))
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    recipe = parse(
        {
            "task": {"name": "text_classification", "max_length": 32},
            "data": {
                "sources": [{"kind": "file", "path": str(path), "document": "line"}],
                "augmentation": [
                    {"kind": "insert_characters", "share": 1.0, "rate": 0.3},
                    {"kind": "homophones", "share": 1.0, "rate": 0.3},
                ],
            },
        }
    )
    dataset = prepare(recipe.data, recipe.task)
    task = create(recipe.task).prepare(dataset)
    vary = varying(task, dataset, recipe)
    assert vary is not None
    chosen = np.arange(20)
    plain = task.collate(task.examples(dataset, "train"), chosen)
    fed = vary(plain, chosen, 0)
    assert torch.equal(fed.inputs["labels"], plain.inputs["labels"])
    assert (fed.inputs["lengths"] > plain.inputs["lengths"]).float().mean() > 0.8
    assert int(fed.inputs["lengths"].max()) <= 32
    assert torch.equal((fed.inputs["symbols"] != PADDING).sum(dim=1), fed.inputs["lengths"])
    assert torch.equal(vary(plain, chosen, 0).inputs["symbols"], fed.inputs["symbols"])
    assert vary(plain, chosen, 1).inputs["symbols"].shape != fed.inputs["symbols"].shape or not torch.equal(
        vary(plain, chosen, 1).inputs["symbols"], fed.inputs["symbols"]
    )
