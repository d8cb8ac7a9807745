"""Examples varied while they are learnt: pure functions of seed, epoch and example."""
