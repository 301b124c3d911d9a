"""Ending a program that runs to its end before it is there."""

import signal

INTERRUPTED = 130
"""Exit status of a program that was told to end: 128 + SIGINT, as a shell would say it."""


def end_on_request() -> None:
    """Have SIGTERM end the program as Ctrl-C does: by KeyboardInterrupt, so that it tidies up.

    The first process of a container has no default action for SIGTERM; without this, whoever ends the pod would wait
    for the whole grace period, and then kill.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
