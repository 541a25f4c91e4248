"""Pages of docs/ whose commands are run.

    ```sh gw-a gw-b           a block: root of each of these hosts runs it
    ```sh laptop <secret      and types this when it is asked

What a command shows stands behind it in a block without a word. `missing` compares it with what was
really said: numbers and the width of columns are the machine's, and a line may be left out.
"""
import re
from dataclasses import dataclass

from laboratory import PROJECT

FENCE = re.compile(r"^```sh (?P<hosts>[\w -]+?)(?: <(?P<typed>[^\n]+))?\n(?P<text>.*?)^```\n"
                   r"(?:\n```\n(?P<shown>.*?)^```\n)?", re.MULTILINE | re.DOTALL)


@dataclass
class Block:
    host: str
    text: str
    typed: str | None
    shown: str

    def missing(self, said: str) -> list[str]:
        """The lines that the page shows and that the command did not say, in this order."""
        rest = iter(_plain(said).splitlines())
        return [line for line in _plain(self.shown).splitlines() if line and not any(line == one for one in rest)]


def _plain(text: str) -> str:
    text = re.sub(r"\d+(\.\d+)?( ?(ms|s|min|h|B|KB|MB|KiB|MiB))?\b", "N", text)
    return re.sub(r"[ \t]+", " ", text)


def blocks(page: str) -> list[Block]:
    """All of docs/`page`, in order. One without a host would not be run, and is none."""
    text = (PROJECT / "docs" / page).read_text()
    found = list(FENCE.finditer(text))
    assert len(found) == len(re.findall(r"^```sh", text, re.MULTILINE)) > 5, f"{page}: a block names no host"
    return [Block(host, block["text"], block["typed"], block["shown"] or "")
            for block in found for host in block["hosts"].split()]


def transcripts(page: str) -> list[tuple[str, str]]:
    """Blocks of docs/`page` that begin with `$ command`: the command, and what is shown of its answer."""
    text = (PROJECT / "docs" / page).read_text()
    return re.findall(r"^```\n\$ ([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
