"""The programs as they are shipped, and the manual: what one says the other takes."""
import re
import subprocess

import pytest

from laboratory import PROJECT


def options(text, pattern):
    return sorted(set(re.findall(pattern, text, re.M)))


def page(name):
    return (PROJECT / "man" / name).read_text()


@pytest.mark.parametrize("program, name", [
    ("dvpn-dataplane", "dvpn-dataplane.8"), ("dvpn-controlplane", "dvpn-controlplane.8")])
def test_a_daemons_page_has_its_options_and_no_other_and_it_takes_each(lab, program, name):
    def said(*words):
        return lab.run("gw", lab.program(program), *words, check=False, timeout=20)

    told = options(page(name), r"^\.It Fl (-[a-z-]+)")
    assert told == options(said("--help").stdout, r"^ +(?:-\w, )?-(-[a-z-]+)")
    for option in told:
        # One that there is not comes behind it, so that nothing is done.
        words = said(f"-{option}", "1", "--no-such-option", "1").stderr
        assert f"Unknown option '-{option}'" not in words and "unknown option: argument 1\n" not in words, words
    unknown = said("--no-such-option", "1")
    assert unknown.returncode == 64
    assert re.search(r"Unknown option '--no-such-option'|unknown option: argument 1\n", unknown.stderr)


def test_every_page_is_clean():
    found = subprocess.run(["mandoc", "-T", "lint", *map(str, sorted((PROJECT / "man").iterdir()))],
                           capture_output=True, text=True, check=False)
    # Which other pages are installed here says nothing about ours.
    lines = [line for line in (found.stdout + found.stderr).splitlines()
             if "referenced manual not found" not in line and "outdated mandoc.db" not in line]
    assert lines == []
