"""What a GPU tells through NVML, and that a machine without one tells nothing."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from studio.engine import hardware
from studio.engine.hardware import GpuGauge, used_gpu
from studio.runs.events import GpuState, Heartbeat, decode, encode


class FakeNvml:
    """As much of pynvml as is asked of it, for one GPU."""

    NVML_TEMPERATURE_GPU = 0

    class NVMLError(Exception):
        pass

    def __init__(self, *silent: str) -> None:
        self.silent = silent
        self.calls: list[str] = []
        self.used = 3_000_000_000

    def __getattr__(self, name: str) -> Any:
        def answer(*arguments: Any) -> Any:
            self.calls.append(name)
            if name in self.silent:
                raise self.NVMLError(name)
            return {
                "nvmlDeviceGetHandleByUUID": arguments,
                "nvmlDeviceGetMemoryInfo": SimpleNamespace(used=self.used, total=80_000_000_000),
                "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=87, memory=30),
                "nvmlDeviceGetTemperature": 61,
            }.get(name)

        return answer


@pytest.fixture
def clock() -> list[float]:
    return [100.0]


def gauge(nvml: FakeNvml, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> GpuGauge:
    monkeypatch.setitem(sys.modules, "pynvml", nvml)  # type: ignore[arg-type]
    monkeypatch.setattr(hardware, "used_gpu", lambda: "GPU-1")
    return GpuGauge(lambda: clock[0])


def test_a_gpu_tells_every_few_seconds(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = FakeNvml()
    gpu = gauge(nvml, clock, monkeypatch)
    state = GpuState(memory=3_000_000_000, memory_total=80_000_000_000, utilisation=0.87, temperature=61.0)
    assert gpu.read() == state
    nvml.used = 4_000_000_000
    clock[0] += 1
    assert gpu.read() == state
    clock[0] += 5
    newer = gpu.read()
    assert newer is not None
    assert newer.memory == 4_000_000_000
    assert nvml.calls.count("nvmlInit") == 1
    gpu.close()
    assert nvml.calls[-1] == "nvmlShutdown"
    clock[0] += 5
    assert gpu.read() is None


def test_what_a_gpu_does_not_tell_is_left_out(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = FakeNvml("nvmlDeviceGetUtilizationRates", "nvmlDeviceGetTemperature")
    state = gauge(nvml, clock, monkeypatch).read()
    assert state == GpuState(memory=3_000_000_000, memory_total=80_000_000_000)


@pytest.mark.parametrize("silent", ["nvmlInit", "nvmlDeviceGetHandleByUUID"])
def test_without_nvml_nothing_is_told_nor_asked_again(
    silent: str, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    nvml = FakeNvml(silent)
    gpu = gauge(nvml, clock, monkeypatch)
    assert gpu.read() is None
    asked = len(nvml.calls)
    clock[0] += 100
    assert gpu.read() is None
    assert len(nvml.calls) == asked


def test_a_processor_is_no_gpu(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Which GPU is used is known only once it is: before that, the gauge waits."""
    nvml = FakeNvml()
    gpu = gauge(nvml, clock, monkeypatch)
    monkeypatch.setattr(hardware, "used_gpu", lambda: None)
    assert gpu.read() is None
    assert nvml.calls == []
    monkeypatch.setattr(hardware, "used_gpu", lambda: "GPU-1")
    clock[0] += 5
    assert gpu.read() is not None


def test_the_gpu_is_found_by_its_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    def cuda(begun: bool, identity: str) -> SimpleNamespace:
        return SimpleNamespace(
            cuda=SimpleNamespace(
                is_initialized=lambda: begun,
                current_device=lambda: 3,
                get_device_properties=lambda number: SimpleNamespace(uuid=f"{identity}{number}"),
            )
        )

    for torch, found in (
        (cuda(False, "a-"), None),
        (cuda(True, "a-"), "GPU-a-3"),
        (cuda(True, "MIG-a-"), "MIG-a-3"),
        (None, None),
    ):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "torch", torch)  # type: ignore[arg-type]
            assert used_gpu() == found


def test_heartbeats_carry_it() -> None:
    beat = Heartbeat(memory=1, gpu=GpuState(memory=2, memory_total=3, utilisation=0.5))
    assert decode(encode(beat)) == beat
    older = decode('{"type": "heartbeat", "memory": 1}')
    assert isinstance(older, Heartbeat)
    assert older.gpu is None
