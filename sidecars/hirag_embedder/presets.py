"""Named trade-offs: what a preset means, as data."""

from dataclasses import dataclass
from typing import Literal

PresetName = Literal["balanced", "highThroughput", "lowLatency", "lowMemory"]


@dataclass(frozen=True)
class Preset:
    """Defaults for what the environment leaves open.

    Args:
        batch_tokens: padded tokens of one batch. Small batches let a newcomer in sooner and need less memory.
        memory_arena: keep memory between batches.
    """

    batch_tokens: int
    memory_arena: bool


# On CPUs, batches above about a thousand tokens are no faster: they fall out of the caches.
PRESETS: dict[PresetName, Preset] = {
    "balanced": Preset(batch_tokens=1024, memory_arena=True),
    "highThroughput": Preset(batch_tokens=2048, memory_arena=True),
    "lowLatency": Preset(batch_tokens=512, memory_arena=True),
    "lowMemory": Preset(batch_tokens=512, memory_arena=False),
}
