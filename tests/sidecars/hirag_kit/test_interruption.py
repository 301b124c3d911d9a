import signal
import subprocess
import sys

from hirag_kit.interruption import INTERRUPTED

PROGRAM = """
import sys, time
from hirag_kit.interruption import INTERRUPTED, end_on_request
end_on_request()
try:
    print("up", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    sys.exit(INTERRUPTED)
"""


def test_a_program_that_is_told_to_end_tidies_up_and_says_so() -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "up\n"
        program.send_signal(signal.SIGTERM)
        assert program.wait(30) == INTERRUPTED
