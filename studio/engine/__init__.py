"""Recipe -> run: the training loop, checkpoints, precision."""
