"""What Prometheus collects from the controlplane, with Prometheus' own checker."""
import itertools
import json
import re
from pathlib import Path

from laboratory import PYTHON, wait_until

DASHBOARD = Path(__file__).resolve().parents[2] / "docs/grafana-dashboard.json"


def scrape(lab):
    return lab.run("gw", "curl", "--silent", "--show-error", "--fail", "--unix-socket", "/run/dvpn/api.sock",
                   "http://dvpn/metrics").stdout


def value(text, sample):
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def test_the_checker_of_prometheus_has_nothing_to_say(dvpn):
    dvpn.get("lan", "10.1.2.10")
    # Whatever is odd about a name, a type or a help text is an error here.
    said = dvpn.run("gw", "promtool", "check", "metrics", input=scrape(dvpn))
    assert said.stdout + said.stderr == ""


def test_the_first_request_shows_in_the_metrics(dvpn):
    before = scrape(dvpn)
    assert value(before, "dvpn_dataplane_linked") == 1
    assert 'network="home"' not in before, "an idle network costs no line"
    with dvpn.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        wait_until(lambda: value(scrape(dvpn), 'dvpn_connections_open{network="home"}') == 1, 5,
                   "the connection in the metrics")
        during = scrape(dvpn)
        assert value(during, 'dvpn_tunnel_up{network="home"}') == 1
        assert value(during, 'dvpn_tunnel_starts_total{network="home",cause="demand"}') == 1
        assert value(during, "dvpn_tunnel_start_seconds_count") == 1
        # The first packet waited for just that dial.
        assert value(during, "dvpn_park_seconds_count") == 1
    ended = 'dvpn_connections_total{result="ok"}'
    wait_until(lambda: value(scrape(dvpn), ended) == value(before, ended) + 1, 5, "its end")


def test_a_gateway_that_refuses_is_a_failure_with_its_reason(stopped):
    stopped.start_dvpn(stopped.config_text(port=9))
    stopped.connect("lan", "10.1.2.10")
    seen = scrape(stopped)
    assert value(seen, 'dvpn_failures_total{reason="refused"}') >= 1
    assert value(seen, 'dvpn_tunnel_failures_total{network="home",reason="refused"}') >= 1


def refused(lab, reason):
    return value(scrape(lab), f'dvpn_accept_refused_total{{reason="{reason}"}}')


def test_who_is_refused_is_counted_by_the_reason(stopped):
    """Eager connections are in before anything is known of their far side."""
    # Nobody answers at the gateway's address: whoever has come waits.
    waits = {"connect": "eager", "gateway": "dvpn@198.51.100.99"}
    stopped.start_dvpn(stopped.config_text(**waits) + "\n[limits]\nhalf-open-per-source = 1\n")
    with stopped.talk("lan", "10.1.2.10") as first:
        first.connected()
        with stopped.talk("lan", "10.1.2.10") as second:
            second.connected()
            wait_until(lambda: refused(stopped, "limit") == 1, 5, "the second of one host to be refused")
    assert refused(stopped, "emfile") == 0
    pid = stopped.pid("dataplane")
    used = set(map(int, stopped.run("gw", "ls", f"/proc/{pid}/fd").stdout.split()))
    # As many as it has, so that none is left. Only its own user may do that to it.
    stopped.run("gw", "setpriv", "--reuid=dvpn", "--regid=dvpn", "--clear-groups", "prlimit", f"--pid={pid}",
                f"--nofile={next(number for number in itertools.count() if number not in used)}:")
    with stopped.talk("gw", "10.1.2.10") as third:
        third.connected()
        wait_until(lambda: refused(stopped, "emfile") == 1, 5, "one for whom there is no descriptor")


def test_pipes_are_counted_by_their_kind(dvpn):
    """Who does not read leaves bytes on the way, in a pipe."""
    def pipes(kind):
        return value(scrape(dvpn), f'dvpn_pipes{{kind="{kind}"}}')

    assert (pipes("large"), pipes("small"), pipes("adopted")) == (0, 0, 0)
    reader = dvpn.spawn("lan", PYTHON, str(dvpn.client_path), "download", "10.9.0.10", "50000000", "--pause")
    assert json.loads(reader.stdout.readline()) == {"paused": True}
    wait_until(lambda: pipes("large") == 1, 10, "a pipe that waits for its reader")
    assert (pipes("small"), pipes("adopted")) == (0, 0)
    out, error = reader.communicate("go on\n", timeout=60)
    assert reader.returncode == 0, error
    ended = json.loads(out)
    assert ended["sha256"] == ended["expected"]
    assert pipes("large") == 0


def test_a_network_that_is_idle_again_costs_no_line_whatever_it_has_been(stopped):
    stopped.start_dvpn(stopped.config_text())
    stopped.get("lan", "10.1.2.10")
    assert 'network="home"' in scrape(stopped)
    stopped.dvpnctl("down", "home")
    wait_until(lambda: 'network="' not in scrape(stopped), 10, "the end of the network's lines")
    assert value(scrape(stopped), 'dvpn_starts_total{cause="demand"}') == 1
    assert value(scrape(stopped), 'dvpn_tunnels{state="idle"}') == 1


def test_the_dashboard_asks_for_what_there_is(dvpn):
    with dvpn.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        wait_until(lambda: 'dvpn_connections_open{network="home"}' in scrape(dvpn), 5, "the connection")
        known = set(re.findall(r"^# TYPE (\S+)", scrape(dvpn), re.MULTILINE))
    # They come with the first failure, and with [dns].
    known |= {"dvpn_failures_total", "dvpn_dns_queries_total"}
    dashboard = json.loads(DASHBOARD.read_text())
    asked = {name for panel in dashboard["panels"] for target in panel["targets"]
             for name in re.findall(r"dvpn_\w+", target["expr"])}
    assert len(asked) > 10
    assert {name.removesuffix("_bucket") for name in asked} <= known


def test_collecting_all_the_time_does_not_delay_the_data_path(dvpn, capsys):
    """Scrapes follow each other without a pause: if round trips had to wait for them, most would take as
    long as one does, more than ten milliseconds. The bound is wide, because the host may have other work."""
    def trips():
        return dvpn.spawn("lan", PYTHON, str(dvpn.client_path), "echo", "10.9.0.10", "7", "--seconds", "3")

    def result(process):
        out, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
        return json.loads(out.splitlines()[-1])

    calm, busy, scrapes = result(trips()), trips(), 0
    while busy.poll() is None:
        scrape(dvpn)
        scrapes += 1
    collected = result(busy)
    assert scrapes > 10
    assert collected["p50"] < 5 * calm["p50"] + 0.002
    with capsys.disabled():
        for name, seen in (("not collected", calm), (f"collected {scrapes} times in 3 s", collected)):
            print(f"\n  round trips, {name}: " + ", ".join(
                f"{key} {seen[key] * 1e6:.0f} µs" for key in ("p50", "p99", "slowest")), end="")
        print()
