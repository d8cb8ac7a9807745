"""What the GPU of this process is doing, as NVIDIA's management library (NVML) tells it. Loads torch for nobody."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from typing import Any

from studio.runs.events import GpuState

_EVERY = 3.0  # seconds between readings


class GpuGauge:
    """Reads the GPU that this process trains on, once there is one; a machine without NVML tells nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._read_at = float("-inf")
        self._newest: GpuState | None = None
        self._library: Any = None
        self._handle: Any = None
        self._silent = False

    def read(self) -> GpuState | None:
        """The newest state, some seconds old at most; None without a GPU in use or without NVML."""
        if self._clock() - self._read_at >= _EVERY:
            self._read_at = self._clock()
            self._newest = self._measure()
        return self._newest

    def close(self) -> None:
        """Let go of the library."""
        if self._library is not None:
            with contextlib.suppress(Exception):
                self._library.nvmlShutdown()
            self._library = self._handle = None
        self._silent = True

    def _measure(self) -> GpuState | None:
        if self._silent:
            return None
        if self._handle is None:
            device = used_gpu()
            if device is None:
                return None
            try:
                self._open(device)
            except (
                Exception
            ):  # no library, no driver, no permission, a device it does not know: nothing to show
                self.close()
                return None
        nvml = self._library
        memory = self._figure(lambda: nvml.nvmlDeviceGetMemoryInfo(self._handle))
        if memory is None:
            return None
        return GpuState(
            memory=int(memory.used),
            memory_total=int(memory.total),
            utilisation=self._figure(
                lambda: nvml.nvmlDeviceGetUtilizationRates(self._handle).gpu / 100,
            ),
            temperature=self._figure(
                lambda: float(nvml.nvmlDeviceGetTemperature(self._handle, nvml.NVML_TEMPERATURE_GPU))
            ),
        )

    def _open(self, device: str) -> None:
        import pynvml

        pynvml.nvmlInit()
        self._library = pynvml
        self._handle = pynvml.nvmlDeviceGetHandleByUUID(device)

    def _figure(self, ask: Callable[[], Any]) -> Any:
        """One figure; None where this GPU does not tell it, as a part of a divided one its utilisation."""
        try:
            return ask()
        except self._library.NVMLError:
            return None


def used_gpu() -> str | None:
    """How NVML calls the GPU that torch uses in this process; None while it uses none.

    By its own identity, since CUDA_VISIBLE_DEVICES gives torch other numbers than NVML has.
    """
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    if cuda is None or not cuda.is_initialized():
        return None
    identity = str(cuda.get_device_properties(cuda.current_device()).uuid)
    return identity if identity.startswith(("GPU-", "MIG-")) else f"GPU-{identity}"
