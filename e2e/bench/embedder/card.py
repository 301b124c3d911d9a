"""The GPU itself: its name, its memory, and the holding of it."""

import ctypes
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import onnxruntime as ort

_MIB = 1024 * 1024


def name() -> str:
    """The card, its driver and its memory, as nvidia-smi says it."""
    return _smi("name,driver_version,memory.total").strip()


def used_mib() -> int:
    """Memory in use on the first card, by every process, in MiB."""
    return int(_smi("memory.used").splitlines()[0].split()[0])


def free_mib() -> int:
    """Memory that is free on the first card, in MiB."""
    return int(_smi("memory.free").splitlines()[0].split()[0])


@contextmanager
def all_held_but(left_mib: int) -> Iterator[None]:
    """Leave so little of the card's memory free, until the context ends."""
    ort.preload_dlls(directory="")
    runtime = ctypes.CDLL("libcudart.so." + ort.cuda_version.split(".")[0])
    place = ctypes.c_void_p()
    _check(runtime.cudaFree(place))  # makes the context, which takes memory too
    _check(runtime.cudaMalloc(ctypes.byref(place), ctypes.c_size_t((free_mib() - left_mib) * _MIB)))
    try:
        yield
    finally:
        _check(runtime.cudaFree(place))


def _check(status: int) -> None:
    if status:
        raise RuntimeError(f"CUDA answers {status}")


def _smi(fields: str) -> str:
    command = ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
