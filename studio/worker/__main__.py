"""`python -m studio.worker ROLE`: what a child process does; see the module of each role."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main() -> int:
    """Serve until standard input closes or the run ends."""
    parser = argparse.ArgumentParser(prog="studio.worker")
    roles = parser.add_subparsers(dest="role", required=True)
    train = roles.add_parser("train")
    train.add_argument("--folder", type=Path, required=True)
    train.add_argument("--unattended", action="store_true", help="take no commands on standard input")
    roles.add_parser("lab")
    roles.add_parser("evaluate")
    roles.add_parser("prepare")
    roles.add_parser("examine")
    roles.add_parser("divide")
    roles.add_parser("vocabulary")
    roles.add_parser("label")
    roles.add_parser("estimate").add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.role == "train":
        from studio.worker.trainer import serve

        return serve(arguments.folder, unattended=arguments.unattended)
    if arguments.role == "estimate":
        from studio.worker import trial

        return trial.serve(arguments.folder)
    if arguments.role == "label":
        from studio.data import labelling

        return labelling.serve()
    if arguments.role == "prepare":
        from studio.worker import preparation

        return preparation.serve()
    if arguments.role == "examine":
        from studio.worker import doctor

        return doctor.serve()
    if arguments.role == "divide":
        from studio.worker import splits

        return splits.serve()
    if arguments.role == "vocabulary":
        from studio.worker import vocabulary

        return vocabulary.serve()
    # Predictions share the machine with a trainer: one thread answers fastest there. Said before torch loads.
    os.environ["OMP_NUM_THREADS"] = "1"
    if arguments.role == "evaluate":
        from studio.worker import appraisal

        return appraisal.serve()
    from studio.worker import lab

    return lab.serve()


if __name__ == "__main__":
    sys.exit(main())
