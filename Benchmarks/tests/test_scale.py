"""What `scale` writes, and a small run of it."""
import json
import os
import subprocess
from pathlib import Path

import pytest

import gateways
import scalereport

HERE = Path(__file__).resolve().parent.parent


def row(lines: int, **changes: float) -> dict:
    return {"lines": lines, "networks": min(lines, 65_536), "start_ms": 900.0, "reload_ms": 60.0, "controlplane": 50.0,
            "dataplane": 10.0, "all": 55.0, "cpu_ms_per_s": 2.0, "first_ms": 300.0} | changes


DOCUMENT = {
    "meta": {"date": "today"}, "configured": [row(1), row(1_000), row(65_536), row(1_000_000)],
    "active": [{"active": 1, "all": 60.0, "masters": 1, "descriptors": 50, "cpu_ms_per_s": 1.0},
               {"active": 201, "all": 660.0, "masters": 201, "descriptors": 1650, "cpu_ms_per_s": 41.0}],
    "lookup": [{"prefixes": 65_536, "ns_ipv4": 30.0, "ns_ipv6": 31.0}]}


def test_goals_are_about_65536_lines():
    assert [finding[-1] for finding in scalereport.findings(DOCUMENT)] == [True, False, True]
    assert scalereport.findings(DOCUMENT | {"configured": [row(1_000)]}) == []
    assert "| reload of one changed line | ≤ 50 ms | 60 ms | missed |" in scalereport.goals(DOCUMENT)


def test_the_report_says_what_one_active_gateway_costs():
    text = scalereport.render(DOCUMENT)
    assert "costs 3.00 MiB, 1 ssh process, 8.0 descriptors and 0.20 ms" in text
    assert "| 1,000,000 | 65,536 |" in text


def test_pictures_have_a_point_for_each_number_of_networks():
    found = scalereport.pictures(DOCUMENT)
    assert set(found) == {"active", "configured"}
    assert all(picture.startswith("<svg") for picture in found.values())
    assert len(scalereport.unique(DOCUMENT["configured"])) == 2


def test_further_lines_are_hosts_of_the_same_networks():
    found = list(gateways.lines(2 * 65_536 + 3, 2))
    assert found[0] == "10.100.0.1 active-0 #!198.51.100.2:20000"
    assert found[65_536] == "10.100.0.2 active-0 #!198.51.100.2:20000"
    assert found[65_535] == "11.255.255.1 site-65535 #!gw-65535.invalid"
    assert len({line.split()[0] for line in found}) == len(found)


@pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root: run `sudo make test`")
def test_a_small_run_writes_figures_and_pictures(tmp_path):
    out = tmp_path / "scale"
    subprocess.run([HERE / "scale", "--configured", "20,500", "--active", "1,3", "--rounds", "1", "--output", out],
                   check=True, timeout=300)
    found = json.loads(out.with_suffix(".json").read_text())
    assert [row["masters"] for row in found["active"]] == [1, 3]
    assert found["names"]["start_ms"] > 0 and found["names"]["changed_ms"] > 0 and found["names"]["dnsmasq"] > 1
    assert "## Names" in out.with_suffix(".md").read_text()
    few, many = found["configured"]
    # Whatever is configured, what is idle has nothing in the kernel, no process and no socket.
    for key in ("nft_rules", "ip_rules", "processes", "descriptors"):
        assert few[key] == many[key], key
    assert (tmp_path / "scale-active.svg").exists() and (tmp_path / "scale-configured.svg").exists()
