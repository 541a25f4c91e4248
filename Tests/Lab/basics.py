"""What every part of the lab needs: its error, how it ends, waiting for a condition, running a command."""
import signal
import subprocess
import time
from collections.abc import Callable


class LabError(Exception):
    """Something that the person who runs the lab can act on."""


def end_as_interrupted() -> None:
    """A terminal that closes and a `kill` end us as ^C does: with what we built taken down again."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup(1)'s wish
            signal.signal(number, signal.default_int_handler)


def wait_until(condition: Callable[[], object], timeout: float = 10, what: str = "") -> object:
    """Returns the first true value of the condition, asked every 20 ms, and every 100 ms when it takes
    long: to ask is a process or two, which have the processor that others need. Raises TimeoutError."""
    begun = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        passed = time.monotonic() - begun
        if passed >= timeout:
            raise TimeoutError(f"not within {timeout:g} s: {what or condition}")
        time.sleep(min(0.1, max(0.02, passed / 20)))


def call(*command: str, input: str | None = None) -> str:
    """Runs a command on this machine, outside of any lab; returns what it printed."""
    result = subprocess.run(command, text=True, capture_output=True, input=input,
                            stdin=subprocess.DEVNULL if input is None else None)
    if result.returncode != 0:
        raise LabError(f"{' '.join(command)}: exit {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout
