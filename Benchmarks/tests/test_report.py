"""The report's text."""
import pytest

import goals
import report

GOALS = [goals.Goal("CPU to the reference", "dvpn", "cpu_us", ["connections-*"], to="reference", at_most=1.0),
         goals.Goal("never run", "dvpn", "cpu_us", ["trips-9"], at_most=1.0)]


def document(**changes: object) -> report.Document:
    def rounds(*values: tuple[float, float]) -> list[dict[str, float]]:
        return [{"rate": rate, "cpu_us": cpu, "failed": 0, "far_cpu_us": 0.0} for rate, cpu in values]

    return {
        "meta": {"date": "today"}, "left_out": {}, "complaints": [],
        "contenders": {name: {"about": f"about {name}", "kind": "ssh" if "ssh" in name else "forwarder"}
                       for name in ("direct", "reference", "dvpn", "dvpn-ssh", "ssh-L")},
        "tests": {
            "connections-64": {
                "direct": rounds((9000, 0), (9000, 0)), "reference": rounds((1000, 100), (2000, 50)),
                "dvpn": rounds((1100, 90), (2400, 44)), "dvpn-ssh": rounds((500, 200)), "ssh-L": rounds((250, 100))},
            "idle-1000": {"direct": [{"working": 1000, "user_bytes": 0, "kernel_bytes": 6000.0, "pipe_ends": 0}],
                          "dvpn": [{"working": 900, "user_bytes": 123.4, "kernel_bytes": 14000.0, "pipe_ends": 0}]},
            "activation": {"dvpn": [{"first_byte_ms": ms, "tries": 1} for ms in (1.5, 2.5, 1.75)]},
        }} | changes


@pytest.mark.parametrize("value, text", [
    (None, "–"), (0, "0"), (0.0, "0"), (0.01234, "0.012"), (1.0, "1"), (1.234, "1.23"), (12.34, "12.3"),
    (123.4, "123"), (98765.4, "98,765"), (-69.81, "-69.8"),
])
def test_numbers_have_three_digits_that_count(value, text):
    assert report.number(value) == text


def lines(text: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    parts = text.split(f"{heading}\n", 1)[1].strip().split("\n\n")
    block = next(part for part in parts if part.startswith("|"))
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in block.splitlines()]


def test_a_test_has_medians_spread_and_paired_ratios():
    head, _, *rows = lines(report.render(document(), GOALS), "## Forwarders\n\n### connections-64")
    row = dict(zip(head, next(r for r in rows if r[0] == "dvpn"), strict=True))
    assert row["per second"] == "1,750"
    assert row["per second, lowest – highest"] == "1,100 – 2,400"
    assert row["per second to reference"] == "1.15"  # of 1.1 and 1.2, not of the medians
    assert row["CPU µs to reference"] == "0.890"
    assert "CPU µs to direct" not in head and "far CPU µs" not in head and "failed" not in head
    assert [r[0] for r in rows] == ["direct", "reference", "dvpn"]


def test_what_goes_through_ssh_is_compared_with_ssh():
    head, _, *rows = lines(report.render(document(), GOALS), "## Through ssh\n\n### connections-64")
    assert [r[0] for r in rows] == ["dvpn-ssh", "ssh-L"]
    assert dict(zip(head, rows[0], strict=True))["per second to ssh-L"] == "2"


def test_the_kernels_bytes_are_those_of_the_forwarder():
    head, _, *rows = lines(report.render(document(), GOALS), "### For each idle connection")
    assert [dict(zip(head, row, strict=True)) for row in rows] == [
        {"": "dvpn", "open, 1000": "900", "user bytes, 1000": "123", "kernel bytes, 1000": "8,000",
         "pipe ends, 1000": "0"}]


def test_goals_come_with_their_intervals():
    text = report.render(document(), GOALS)
    assert "## Goals: 1 met, 1 not measured" in text
    _, _, *rows = lines(text, "## Goals: 1 met, 1 not measured")
    assert rows == [["CPU to the reference", "connections-64", "≤ 1", "0.890", "0.880 – 0.900", "met"]]


def test_what_ran_once_shows_its_reach():
    _, _, row = lines(report.render(document(), GOALS), "### From exec to the first byte, under socket activation")
    assert row == ["dvpn", "1.75 (1.50 – 2.50)", "1 (1 – 1)"]


def test_what_is_missing_or_went_wrong_is_said():
    text = report.render(document(left_out={"nginx": "missing: nginx"}, complaints=["haproxy: died"]), GOALS)
    assert "Left out: nginx (missing: nginx)." in text and "- haproxy: died" in text
    assert "Left out" not in report.render(document(), GOALS)


def test_a_round_that_failed_leaves_the_others():
    changed = document()
    changed["tests"]["connections-64"]["dvpn"][0] = None
    head, _, *rows = lines(report.render(changed, GOALS), "## Forwarders\n\n### connections-64")
    assert dict(zip(head, rows[2], strict=True))["per second to reference"] == "1.20"


def test_system_calls_are_shown_in_all_and_by_name():
    calls = {"calls": 15.0, "calls_read": 4.0, "calls_getpid": 0.001}
    text = report.render(document(tests={"calls-64": {"dvpn": [calls]}, "calls-up-8": {"dvpn": [{"calls": 9000.0}]}}), [])
    assert lines(text, "### System calls of the main program, by strace")[-1] == ["dvpn", "15", "9,000"]
    assert "| read | 4 |" in text
    assert "getpid" not in text


def test_lookups_are_shown_as_table_and_picture():
    rounds = [{"ns_ipv4": 10.0 * size, "ns_ipv6": 20.0 * size} for size in (1, 2, 3)]
    found = document(tests={"lookup-1": {"dvpn": rounds}, "lookup-1024": {"dvpn": rounds}})
    assert lines(report.render(found, []), "### Longest prefix, ns for a lookup")[-1] == ["1,024", "20", "40"]
    picture = report.pictures(found)["lookup"]
    assert picture.count("stroke-width=\"2\"") == 2 and ">IPv6</text>" in picture
    assert report.pictures(document()) == {}
