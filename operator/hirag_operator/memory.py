"""Keeping the process small: what the C library does with memory beside many threads."""

import ctypes

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
_ARENAS = 2


def share_arenas() -> None:
    """Have all threads allocate from two arenas, before there are any; glibc gives each its own, and gives none back.

    A burst over a thousand objects would else leave some 40 MB behind. Another C library keeps its own ways.
    """
    try:
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)
    except (OSError, AttributeError):  # no such library, or none with this call
        return
