"""The web page for tests: how it is configured, and a window of a real Chromium to see it in."""
import json
import shutil
from pathlib import Path

from laboratory import PYTHON

PROJECT = Path(__file__).resolve().parents[2]
AXE = PROJECT / ".build/lab/axe/axe.min.js"
TOKEN = "0123456789abcdef0123456789abcdef"
PAGE = f"http://dvpn:{TOKEN}@127.0.0.1:9876/"


def web(lab):
    """`[web]` with a token of this lab."""
    path = lab.directory / "web-token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    return f'\n[web]\nlisten = "127.0.0.1:9876"\ntoken = {{ file = "{path}" }}\n'


class Window:
    """A browser on the lab's gateway."""

    def __init__(self, lab, *options):
        self.profile = lab.directory / "chromium"
        self.process = lab.spawn("gw", PYTHON, str(PROJECT / "Tests/Lab/browser.py"), str(self.profile), *options)
        self._answer()

    def __getattr__(self, word):
        def do(**arguments):
            self.process.stdin.write(json.dumps({"do": word, **arguments}) + "\n")
            self.process.stdin.flush()
            return self._answer()
        return do

    def _answer(self):
        noise = []
        for line in self.process.stdout:
            if not line.startswith("{"):
                noise.append(line)
                continue
            answer = json.loads(line)
            assert "error" not in answer, answer["error"]
            return answer["result"]
        raise AssertionError("the browser ended: " + "".join(noise))

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)
        shutil.rmtree(self.profile, ignore_errors=True)
