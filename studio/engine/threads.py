"""How the arithmetic's threads wait for each other. Knows no torch: it has to speak before torch loads."""

from __future__ import annotations

import os


def share_the_cores() -> None:
    """Let idle threads sleep rather than spin.

    OpenMP's threads spin at each barrier. On a machine with anything else to do (the window, the lab) the
    spinning thread takes the core that the awaited one needs: with one other busy process on two cores,
    training was measured at a quarter to a fifth of the pace that sleeping threads keep. A choice made in
    the environment is left as it is.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
