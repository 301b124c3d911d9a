"""Named trade-offs: what a preset means, as data."""

from dataclasses import dataclass
from typing import Literal

PresetName = Literal["balanced", "highThroughput", "lowLatency", "lowMemory"]


@dataclass(frozen=True)
class Preset:
    """Defaults for what the environment leaves open.

    Args:
        batch_tokens: padded tokens of one batch. Small batches let a newcomer in sooner and need less memory.
        gpu_batch_tokens: likewise on a GPU, which small batches leave idle.
        turn_batches: batches that are planned at one time. Many texts sort into evener batches; a newcomer waits
            until the turn is over.
        memory_arena: keep memory between batches.
    """

    batch_tokens: int
    gpu_batch_tokens: int
    turn_batches: int
    memory_arena: bool


# Measured on 2 cores: from 512 to 1,024 tokens a batch is as fast as it gets; larger ones fall out of the caches.
# On an H200 8,192 is within a twentieth of the best, both for MiniLM (16,384) and for bge-large's shape (4,096).
PRESETS: dict[PresetName, Preset] = {
    "balanced": Preset(batch_tokens=1024, gpu_batch_tokens=8192, turn_batches=4, memory_arena=True),
    "highThroughput": Preset(batch_tokens=1024, gpu_batch_tokens=16384, turn_batches=16, memory_arena=True),
    "lowLatency": Preset(batch_tokens=512, gpu_batch_tokens=2048, turn_batches=1, memory_arena=True),
    "lowMemory": Preset(batch_tokens=512, gpu_batch_tokens=2048, turn_batches=4, memory_arena=False),
}
