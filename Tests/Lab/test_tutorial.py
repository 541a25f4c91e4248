"""The tutorial in dvpn(7): done from its first line to its last, on the laptop of docs/howto.md's lab."""
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from laboratory import PROJECT
from sites import Sites

PAGE = PROJECT / "man/dvpn.7"
HOST = "laptop"


def displays():
    """The literal texts of the tutorial."""
    text = PAGE.read_text().split(".Sh TUTORIAL\n")[1].split("\n.Sh ")[0]
    text = text.replace(r"\(->", "→").replace(r"\&", "")
    return re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", text, re.M | re.S)


def steps():
    """(what is typed, what is answered) in their order; a file that is to be written is typed, too."""
    found = []
    for display in displays():
        if not display.startswith("# "):
            found.append((f"cat >/etc/dvpn/dvpn.toml <<'END'\n{display}END", ""))
            continue
        for typed, answered in re.findall(r"^# (.*)\n((?:(?!# ).*\n)*)", display, re.M):
            found.append((typed, answered))
    return found


def matches(answered, said):
    """Dots stand for anything, and so does the width of a column."""
    if not answered:
        return True
    words = [re.escape(word).replace(re.escape("..."), r"[\s\S]*") for word in answered.split()]
    return re.search(r"(^|\n)" + r"\s*".join(words), said) is not None


@pytest.fixture
def sites():
    lab = Sites(f"tutorial-{os.getpid()}")
    lab.up()
    yield lab
    lab.down()


def typed_by_root(lab, line):
    """What root of the laptop sees after typing a line. Its status is the person's to judge: curl fails where it should."""
    programs = Path(lab.program("dvpnctl")).parent
    path = f"{lab.directory}/bin:{programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    done = subprocess.run(
        lab.argv(HOST, "env", f"PATH={path}", f"LAB={lab.directory}", "HOME=/root", "sh"), input=line, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return done.stdout


def test_what_the_tutorial_says_is_what_happens(sites):
    done = steps()
    assert len(done) > 12
    for typed, answered in done:
        # Looking again does no harm: what it says of a time that has to pass has passed some time.
        looks = typed.startswith(("dvpnctl status", "dvpnctl events"))
        end = time.monotonic() + (40 if looks else 0)
        while True:
            said = typed_by_root(sites, typed)
            if matches(answered, said) or time.monotonic() > end:
                break
            time.sleep(0.5)
        print(f"# {typed}\n{said}")
        assert matches(answered, said), (typed, answered, said)
