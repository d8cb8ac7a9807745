"""`python -m studio.bench.training JOB`: one contestant's measurement, as JSON lines (`studio.bench.children`)."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict

from studio.bench.children import BenchError, deliver, tell
from studio.bench.training.job import OURS, Job


def main() -> int:
    """Measure and deliver."""
    job = Job(**json.loads(sys.argv[1]))
    # Said before torch loads; a user of the other two would set the same by hand or leave it.
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(job.threads)
    try:
        if job.contestant == OURS:
            from studio.engine.threads import share_the_cores

            share_the_cores()  # as `studio train` does
            from studio.bench.training import ours

            deliver(asdict(ours.run(job, tell)))
        else:
            from studio.bench.training import rivals

            deliver(asdict(rivals.run(job)))
    except BenchError as error:
        print(error, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
