"""One thread: the tests' networks are too small to share out."""

import torch

torch.set_num_threads(1)
