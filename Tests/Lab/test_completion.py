"""What the shells make of `dvpnctl completion`: somebody types, and presses the tabulator."""
import os

import pytest

from test_dvpnctl import Screen

# How each is started without anybody's settings, and reads the script.
START = {
    "bash": ["bash", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    # It wants a terminal that controls it.
    "fish": ["setsid", "--ctty", "--wait", "fish", "--no-config", "--interactive"],
}
READ = {
    "bash": ["source /usr/share/bash-completion/bash_completion", "source <(dvpnctl completion bash)"],
    # As it is installed: a file of the functions' path. Or read by ~/.zshrc.
    "zsh": ["dvpnctl completion zsh >functions/_dvpnctl; fpath=($PWD/functions $fpath)",
            "autoload -Uz compinit; compinit -u -D"],
    "zsh, sourced": ["autoload -Uz compinit; compinit -u -D", "source <(dvpnctl completion zsh)"],
    "fish": ["dvpnctl completion fish | source"],
}


class Shell:
    """A shell on a terminal, as somebody uses it."""

    def __init__(self, lab, name):
        home = lab.directory / f"home-{name.replace(', ', '-')}"
        (home / "functions").mkdir(parents=True, exist_ok=True)
        program = lab.program("dvpnctl")
        kind = name.split(",")[0]
        # The lab's own accounts matter to nobody here.
        path = f"{os.path.dirname(program)}:{os.environ['PATH']}"
        self.screen = Screen(lab, "env", "--chdir", str(home), *START[kind], HOME=str(home), PATH=path,
                             XDG_CONFIG_HOME=str(home), XDG_DATA_HOME=str(home), LC_ALL="C.UTF-8")
        self.ends = 0
        for line in READ[name]:
            self.run(line)

    def run(self, line):
        """Runs a line, and waits until it is done."""
        self.ends += 1
        # The line that is echoed has another text than what it prints.
        self.screen.press(f"{line}; printf 'END-%s.' {self.ends}\r".encode())
        self.screen.wait_for(f"END-{self.ends}.")

    def complete(self, typed):
        """The words of a line after the tabulator; the line itself is not run."""
        self.ends += 1
        before = len(self.screen.seen)
        # ^A and ^E: the beginning and the end of the line. Nothing is typed while it prints: it would be echoed there.
        self.screen.press(f"{typed}\t".encode() + b"\x01" + f"printf '<%s>' END-{self.ends} ".encode()
                          + b"\x05" + f"; printf 'THEN-%s.' {self.ends}\r".encode())
        self.screen.wait_for(f"THEN-{self.ends}.")
        said = self.screen.seen[before:].decode(errors="replace")
        said = said[said.index(f"<END-{self.ends}>"):]
        return said[:said.rindex(">") + 1].strip("<>").split("><")[1:]

    def close(self):
        self.screen.close()


@pytest.fixture(params=list(READ))
def shell(dvpn, request):
    found = Shell(dvpn, request.param)
    yield found
    found.close()


def test_a_shell_completes_verbs_options_and_names(dvpn, shell):
    assert shell.complete("dvpnctl wat") == ["dvpnctl", "watch"]
    assert shell.complete("dvpnctl gateway ch") == ["dvpnctl", "gateway", "check"]
    assert shell.complete("dvpnctl connections --ne") == ["dvpnctl", "connections", "--network"]
    assert shell.complete("dvpnctl networks --state lo") == ["dvpnctl", "networks", "--state", "locked"]
    # Names are the running dvpn's, as an argument and as an option's value.
    assert shell.complete("dvpnctl up ho") == ["dvpnctl", "up", "home"]
    assert shell.complete("dvpnctl parked --network ho") == ["dvpnctl", "parked", "--network", "home"]
    assert shell.complete("dvpnctl up nobo") == ["dvpnctl", "up", "nobo"]


def test_of_very_many_names_a_bounded_number_is_fetched_and_each_can_be_completed(stopped):
    sites = "".join(f'\n[[network]]\nname = "site-{n}"\nprefixes = ["11.{n >> 8}.{n & 255}.0/24"]\nvia = "direct"\n'
                    for n in range(3000))
    shop = '\n[[network]]\nname = "store"\nprefixes = ["12.0.0.0/24"]\nvia = "direct"\n'
    stopped.start_dvpn(stopped.config.read_text() + sites + shop)

    def offered(typed):
        words = ["dvpnctl", "up", typed]
        return stopped.run("gw", stopped.program("dvpnctl"), "---completion", "up", "--", "positional@0",
                           "2", str(len(typed)), *words).stdout.splitlines()

    found = offered("site-")
    assert 2 <= len(found) <= 256 and all(name.startswith("site-") for name in found)
    assert offered("site-2718") == ["site-2718"] and offered("nob") == []
    shell = Shell(stopped, "bash")
    try:
        assert shell.complete("dvpnctl up site-1729") == ["dvpnctl", "up", "site-1729"]
        # What 3,001 have in common, and no more than that.
        assert shell.complete("dvpnctl up s") == ["dvpnctl", "up", "s"]
        assert shell.complete("dvpnctl up si") == ["dvpnctl", "up", "site-"]
    finally:
        shell.close()


def test_without_a_running_dvpn_names_are_those_of_the_file(stopped):
    for name in READ:
        shell = Shell(stopped, name)
        try:
            assert shell.complete(f"dvpnctl gateway check --config {stopped.config} ho")[-1] == "home", name
        finally:
            shell.close()
