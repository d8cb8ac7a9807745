"""Which examples are seen together, and when: pure functions of seed and epoch, so that a run can be resumed."""

from __future__ import annotations

import numpy as np

from studio.data.dataset import Split

# Tells the streams of random numbers apart that share a seed and an epoch.
_ORDER, _WORDS = 0, 1


def epoch_batches(lengths: np.ndarray, token_budget: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Every example of an epoch, once, in batches of similar length.

    Args:
        lengths: characters of each example, integers [examples].
        token_budget: the most positions of a batch, padding included (rows times the longest row). A single
            example longer than this is a batch by itself.
        seed, epoch: not negative; the same ones give the same batches.

    Returns:
        indices into `lengths`, int64 [rows] a batch; neither batches nor rows are in any order of length.

    Raises:
        ValueError: if the budget is not positive.
    """
    if token_budget < 1:
        raise ValueError(f"a token budget of {token_budget} holds no example; it must be 1 or more")
    rng = np.random.default_rng([seed, epoch, _ORDER])
    shuffled = rng.permutation(len(lengths))
    costs = np.maximum(np.asarray(lengths, np.int64)[shuffled], 1)
    # A stable sort leaves examples of one length shuffled; on 16 bits numpy sorts by radix, many times faster.
    sorting = costs.astype(np.uint16) if costs.size and costs.max() < 1 << 16 else costs
    by_length = np.argsort(sorting, kind="stable")
    costs = costs[by_length]
    order = shuffled[by_length]

    batches: list[np.ndarray] = []
    start = 0
    while start < len(order):
        most = max(1, token_budget // int(costs[start]))
        window = costs[start : start + most]
        rows = 1
        if len(window) > 1:
            padded = window * np.arange(1, len(window) + 1)
            rows = max(1, int(np.searchsorted(padded, token_budget, "right")))
        batches.append(order[start : start + rows])
        start += rows
    return [batches[place] for place in rng.permutation(len(batches))]


def draw_lexicon(lexicon: Split, positions: int, seed: int, epoch: int, *, power: float = 0.5) -> np.ndarray:
    """Words to mix into an epoch, drawn with repetition.

    Args:
        lexicon: words with weights.
        positions: draw until the words drawn have this many characters together; 0 or fewer draws none.
        seed, epoch: not negative; the same ones draw the same words.
        power: the chance of a word is proportional to `weight ** power`. At 1 words come as often as they are
            used, at 0 all equally often; in between the rare ones are learnt too.

    Returns:
        indices into `lexicon`, int64 [words drawn]; empty if the lexicon is.
    """
    if positions <= 0 or not len(lexicon):
        return np.empty(0, np.int64)
    rng = np.random.default_rng([seed, epoch, _WORDS])
    chances = np.asarray(lexicon.weight, np.float64) ** power
    if not chances.sum() > 0:
        chances = np.ones(len(lexicon))
    steps = np.cumsum(chances)
    mean = float(chances @ lexicon.lengths) / float(steps[-1])
    drawn = np.empty(0, np.int64)
    total = 0
    while total < positions:
        wanted = int((positions - total) / mean * 1.02) + 16
        more = np.searchsorted(steps, rng.random(wanted) * steps[-1], "right")
        drawn = np.concatenate([drawn, np.minimum(more, len(lexicon) - 1)])
        total = int(lexicon.lengths[drawn].sum())
    enough = int(np.searchsorted(np.cumsum(lexicon.lengths[drawn]), positions, "left")) + 1
    return drawn[:enough]
