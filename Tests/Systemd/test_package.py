"""The Debian package: what is in it, and its upgrade and removal on a system in use."""
import shutil
import subprocess

import pytest
from machine import CONFIG, Machine, package

DAEMONS = ("dvpn-controlplane", "dvpn-dataplane")


def contents() -> list[str]:
    """The paths of its files."""
    listed = subprocess.run(["dpkg-deb", "--contents", package()], text=True, capture_output=True, check=True)
    return [line.split()[5][1:] for line in listed.stdout.splitlines() if not line.startswith("d")]


def field(name: str) -> str:
    return subprocess.run(["dpkg-deb", "--field", package(), name], text=True, capture_output=True,
                          check=True).stdout.strip()


@pytest.mark.skipif(not shutil.which("lintian"), reason="needs Scripts/install-packages lintian")
def test_lintian_finds_no_errors() -> None:
    # For tests it is not compressed.
    suppressed = ",".join(f"uses-no-compression-for-{part}-tarball" for part in ("control", "data"))
    judged = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", "--tag-display-limit", "0",
                             "--suppress-tags", suppressed, package()], text=True, capture_output=True)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_it_has_all_that_an_operator_needs() -> None:
    paths = contents()
    for wanted in ("/usr/bin/dvpnctl", "/usr/sbin/dvpn-dataplane", "/usr/sbin/dvpn-controlplane",
                   "/usr/share/man/man1/dvpnctl.1.gz", "/usr/share/man/man5/dvpn.toml.5.gz",
                   "/usr/share/man/man7/dvpn-protocol.7.gz", "/usr/share/doc/dvpn/docs/openapi.json",
                   "/usr/share/doc/dvpn/README.md", "/usr/share/doc/dvpn/docs/grafana-dashboard.json",
                   "/usr/share/doc/dvpn/docs/howto.md",
                   "/usr/share/bash-completion/completions/dvpnctl", "/usr/share/zsh/site-functions/_dvpnctl",
                   "/usr/share/fish/vendor_completions.d/dvpnctl.fish", "/usr/lib/systemd/system/dvpn.target",
                   "/usr/lib/sysusers.d/dvpn.conf", "/usr/lib/tmpfiles.d/dvpn.conf",
                   "/usr/lib/systemd/system-preset/80-dvpn.preset", "/usr/lib/systemd/catalog/dvpn.catalog",
                   "/usr/share/dbus-1/system.d/org.dvpn1.conf", "/usr/share/polkit-1/actions/org.dvpn1.policy",
                   "/usr/share/dbus-1/system-services/org.dvpn1.service", "/usr/share/doc/dvpn/copyright"):
        assert wanted in paths, wanted
    assert [path for path in paths if path.startswith("/etc/")] == ["/etc/dvpn/dvpn.toml.example"]
    assert {"nftables", "iproute2", "systemd"} <= {word.split()[0] for word in field("Depends").split(", ")}


def test_the_programs_run_where_there_is_no_swift(machine: Machine) -> None:
    # The box shows this machine's files, and so its toolchain.
    machine.run("unshare", "--mount", "sh", "-ec", """
        mount -t tmpfs none /opt
        dvpnctl --version
        dvpn-controlplane --check --config /etc/dvpn/dvpn.toml.example
        dvpn-dataplane --help""")


def test_an_upgrade_restarts_the_daemons_and_nothing_else(stopped: Machine) -> None:
    machine = stopped
    machine.write("/etc/dvpn/dvpn.toml.example", "# mine\n")
    machine.systemctl("enable", "--now", "dvpn.target")
    assert "hello" in machine.page()
    before = {unit: machine.pid(unit) for unit in DAEMONS}
    host = machine.property("dvpn-host", "InvocationID")
    tunnel, state = machine.shell("pgrep -u dvpn-ssh -x ssh"), machine.own_state()

    machine.install("99.0-1")
    try:
        assert machine.run("dpkg-query", "--show", "--showformat=${Version}", "dvpn").stdout == "99.0-1"
        for unit in DAEMONS:
            assert machine.pid(unit) not in (0, before[unit]), unit
            assert "deleted" not in machine.run("readlink", f"/proc/{machine.pid(unit)}/exe").stdout
        assert machine.property("dvpn-host", "InvocationID") == host
        assert machine.shell("pgrep -u dvpn-ssh -x ssh") == tunnel
        assert machine.own_state() == state
        assert "hello" in machine.page()
        assert machine.run("cat", "/etc/dvpn/dvpn.toml.example").stdout == "# mine\n"
    finally:
        machine.purge()
        machine.install()


def test_an_upgrade_starts_nothing(stopped: Machine) -> None:
    stopped.install("99.0-1")
    try:
        assert stopped.shell("pgrep dvpn || true") == ""
        assert not stopped.is_active("dvpn.target")
    finally:
        stopped.install()


def test_removed_it_leaves_the_host_as_it_was_and_keeps_what_people_wrote(stopped: Machine) -> None:
    before = stopped.lab.host_state()
    stopped.systemctl("enable", "--now", "dvpn.target")
    assert "hello" in stopped.page()
    try:
        stopped.run("dpkg", "--remove", "dvpn")
        assert stopped.lab.host_state() == before
        assert stopped.shell("pgrep -u dvpn,dvpn-ssh || true") == ""
        left = stopped.shell("find /usr /etc -name '*dvpn*' -not -path '/usr/lib/python*' | sort").split()
        assert left == ["/etc/dvpn", "/etc/dvpn/dvpn.toml", "/etc/dvpn/dvpn.toml.example"]
        stopped.purge()
        assert stopped.run("cat", "/etc/dvpn/dvpn.toml").stdout == CONFIG
        assert stopped.shell("ls -d /etc/dvpn/* /var/lib/dvpn /run/dvpn 2>/dev/null || true").split() \
            == ["/etc/dvpn/dvpn.toml", "/etc/dvpn/ssh"]
    finally:
        stopped.install()
        stopped.write_secrets()
