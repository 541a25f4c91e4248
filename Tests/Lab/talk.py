"""A connection that is held open by a process on a host (client.py talk), to test what happens to it."""
import json
import subprocess


class Talk:
    """One such connection; its process ends with the `with` block."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def __enter__(self) -> "Talk":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def connected(self) -> dict:
        """Waits for connect(): {"result": "connected", "seconds": s}, or another result."""
        return json.loads(self.process.stdout.readline())

    def say(self, line: str) -> str:
        """Sends a line and returns the one that comes back."""
        self.process.stdin.write(line + "\n")
        return self.process.stdout.readline().rstrip("\n")

    def end(self, close: bool = True, timeout: float = 30) -> str:
        """Closes our side unless told not to, and returns how it ended: "fin", "reset", ..."""
        if close:
            self.process.stdin.close()
            self.process.stdin = None
        # What was read by `say` is gone; the rest ends with the last line of JSON.
        rest, _ = self.process.communicate(timeout=timeout)
        return json.loads(rest.splitlines()[-1])["end"]
