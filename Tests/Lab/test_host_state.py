"""A stock or site script may be used, and whatever becomes of its vpnc, the host is as it was before:
resolv.conf byte for byte, the default route, the way to the gateway."""
import pytest

from laboratory import wait_until

CORP = "10.66.0.10"
STOCK = "/usr/share/vpnc-scripts/vpnc-script"

# The stock script with a place to stop in: while /run/hold-PHASE is there it waits, before or behind.
SITE = f"""\
#!/bin/sh
wait_in() {{ : >/run/in-$1; while [ -e /run/hold-$1 ]; do sleep 0.02; done; }}
wait_in before-$reason
{STOCK}
wait_in after-$reason
"""
PHASES = ["before-pre-init", "before-connect", "after-connect", "up", "before-disconnect",
          "after-disconnect"]


@pytest.fixture
def host(work):
    """The lab with a site script; resolv.conf is a link into another directory, as many hosts have it."""
    work.shell("gw", "cat >/etc/site-script; chmod 755 /etc/site-script", input=SITE)
    work.shell("gw", r"""
        rm -f /etc/resolv.conf /run/hold-* /run/in-* /run/vpnc/*
        mkdir -p /run/names
        printf '# mine\nnameserver 203.0.113.1\noptions timeout:3' >/run/names/resolv.conf
        chmod 640 /run/names/resolv.conf
        ln -s ../run/names/resolv.conf /etc/resolv.conf""")
    yield work
    work.shell("gw", "rm -f /run/hold-*")


def start(lab, script="/etc/site-script", **changes):
    lab.start_dvpn(lab.vpn_config(vpnc={"script": script}, names=None, **changes))


def state(lab):
    """The link, the file with its mode and bytes, and the main table."""
    return lab.shell("gw", """
        readlink /etc/resolv.conf
        stat --dereference --format='%a %U %G %s' /etc/resolv.conf
        od -c /etc/resolv.conf
        # Without the doorbell's own: that is dvpn's, and stays while dvpn runs.
        ip -4 route show | grep -v 'dev dvpn0'
        ip -6 route show | grep -v 'dev dvpn0'""")


def kill(lab):
    for pid in lab.pids("vpnc"):
        lab.run("gw", "kill", "-KILL", str(pid))


def phase(lab, name):
    """Brings vpnc into that phase."""
    if name != "up":
        lab.run("gw", "touch", f"/run/hold-{name}")
    asking = lab.spawn("lan", "ping", "-n", "-c1", "-W5", CORP)
    if name.endswith("disconnect") or name == "up":
        lab.wait_for_state("up", "work")
    if name.endswith("disconnect"):
        pid, = lab.pids("vpnc")
        lab.run("gw", "kill", "-TERM", str(pid))  # somebody else's; the script has its say
    if name != "up":
        wait_until(lambda: lab.shell("gw", f"ls /run/in-{name} 2>/dev/null; true"), 10, name)
    return asking


def settled(lab):
    return not lab.pids("vpnc") and lab.network("work")["state"] in ("idle", "holdoff")


def test_the_stock_script_really_touches_the_host(host):
    """What the other tests are about: without a repair it would stay."""
    before = state(host)
    start(host, STOCK)
    assert host.ping("lan", CORP) is not None
    assert "VPNC_GENERATED" in host.run("gw", "cat", "/etc/resolv.conf").stdout
    assert state(host) != before


def test_after_an_ordinary_end_the_host_is_as_before(host):
    before = state(host)
    start(host, STOCK, idle="1s")
    assert host.ping("lan", CORP) is not None
    wait_until(lambda: settled(host), 15)
    assert state(host) == before


@pytest.mark.parametrize("name", PHASES)
def test_after_a_kill_in_any_phase_the_host_is_as_before(host, name):
    before = state(host)
    start(host)
    asking = phase(host, name)
    kill(host)
    # What the script still had to do is not done any more: nobody waits for it.
    wait_until(lambda: settled(host), 20)
    asking.kill()
    asking.communicate()
    assert state(host) == before
    assert host.run("gw", "pgrep", "-f", "site-script", check=False).stdout == ""
    host.shell("gw", "rm -f /run/hold-*")
    wait_until(lambda: host.ping("lan", CORP) is not None, 20)


def test_what_was_wrong_is_said(host):
    start(host)
    assert host.ping("lan", CORP) is not None
    kill(host)
    wait_until(lambda: settled(host), 15)
    assert "resolv.conf" in host.log("controlplane")


@pytest.mark.parametrize("forgets", ["nothing", "runtime"])
def test_a_crash_of_everything_is_repaired_by_the_next_start(host, forgets):
    """With "runtime" as after a reboot, which empties /run and keeps the state directory."""
    before = state(host)
    start(host)
    assert host.ping("lan", CORP) is not None
    for name in ("controlplane", "dataplane"):
        host.end(name, "KILL")
    kill(host)
    wait_until(lambda: not host.pids("vpnc"), 5)
    assert state(host) != before
    if forgets == "runtime":
        host.shell("gw", """
            rm -rf /run/dvpn/*
            ip link del dvpn0
            nft flush ruleset
            ip rule flush table 3876
            ip -6 rule flush table 3876
            ip route flush table 3876""")
    host.start_dvpn()
    wait_until(lambda: state(host) == before, 10)


def test_cleanup_after_a_crash_repairs_too(host):
    before = state(host)
    start(host)
    assert host.ping("lan", CORP) is not None
    for name in ("controlplane", "dataplane"):
        host.end(name, "KILL")
    host.cleanup()
    assert host.pids("vpnc") == []
    assert state(host) == before


@pytest.mark.parametrize("end", ["TERM", "KILL"])
def test_leftovers_of_an_earlier_detached_vpnc_are_not_made_worse(host, end):
    """A vpnc that somebody started by hand and ended leaves its resolv.conf behind. That is how the host
    was when dvpn came; the stock script would empty the file when it "restores" it."""
    words = ("IPSec gateway 198.51.100.3\nIPSec ID labgroup\nIPSec secret group-Secret-1\n"
             "Xauth username alice\nXauth password xauth-Secret-1\nLocal Port 0\n")
    host.shell("gw", f"vpnc --non-inter --script {STOCK} --pid-file /run/by-hand.pid -", input=words)
    wait_until(lambda: "VPNC_GENERATED" in host.run("gw", "cat", "/etc/resolv.conf").stdout, 5)
    host.shell("gw", f"kill -{end} $(cat /run/by-hand.pid)")
    wait_until(lambda: not host.pids("vpnc"), 5)
    before = state(host)
    assert "VPNC_GENERATED" in host.run("gw", "cat", "/etc/resolv.conf").stdout
    for how in ("idle", "kill"):
        start(host, STOCK, idle="1s") if how == "idle" else host.start_dvpn(host.config.read_text())
        assert host.ping("lan", CORP) is not None
        if how == "kill":
            kill(host)
        wait_until(lambda: settled(host), 15)
        assert state(host) == before
        host.stop_dvpn()


def test_a_change_that_somebody_else_made_meanwhile_stays(host):
    """DHCP may renew while the tunnel is up. Only what the script has done is undone."""
    start(host)
    assert host.ping("lan", CORP) is not None
    host.shell("gw", """
        rm /etc/resolv.conf
        echo 'nameserver 198.51.100.1' >/etc/resolv.conf
        ip route add 192.0.2.0/24 via 203.0.113.66""")
    look = "od -c /etc/resolv.conf; ip route show 192.0.2.0/24"
    changed = host.shell("gw", look)
    kill(host)
    wait_until(lambda: settled(host), 15)
    assert host.shell("gw", look) == changed
    host.run("gw", "ip", "route", "del", "192.0.2.0/24")


def test_our_own_script_touches_neither_resolv_conf_nor_the_main_table(host):
    before = state(host)
    host.start_dvpn(host.vpn_config(names=None))
    assert host.ping("lan", CORP) is not None
    assert state(host) == before
    kill(host)
    assert state(host) == before


def test_a_script_that_hangs_is_ended_with_its_tunnel(host):
    start(host)
    asking = phase(host, "before-connect")
    host.dvpnctl("down", "work")
    wait_until(lambda: not host.pids("vpnc") and not host.run(
        "gw", "pgrep", "-f", "site-script", check=False).stdout, 20)
    asking.kill()
    asking.communicate()
