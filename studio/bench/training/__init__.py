"""What `studio bench train` compares, each in a process of its own: `python -m studio.bench.training JOB`."""
