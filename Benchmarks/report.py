"""Results as Markdown. Pure: a document (see `bench`) and goals in, text out."""
from collections.abc import Callable
from dataclasses import dataclass

import figures
import plot
from goals import Finding, Goal, Results, column, findings

Document = dict[str, object]


@dataclass(frozen=True)
class Columns:
    """How the tests of one mode are shown: (metric, heading), the two to compare first."""

    main: tuple[str, str]
    cost: tuple[str, str]
    others: tuple[tuple[str, str], ...]


COLUMNS = {
    "bulk": Columns(("gbps", "Gbit/s"), ("cpu_s_per_gib", "CPU s/GiB"), (
        ("far_cpu_s_per_gib", "far CPU s/GiB"), ("machine_cpu_s_per_gib", "machine CPU s/GiB"))),
    "connections": Columns(("rate", "per second"), ("cpu_us", "CPU µs"), (
        ("far_cpu_us", "far CPU µs"), ("machine_cpu_us", "machine CPU µs"), ("connect_p50_us", "connect p50 µs"),
        ("p50_us", "answer p50 µs"), ("p99_us", "answer p99 µs"), ("failed", "failed"))),
    "trips": Columns(("p50_us", "p50 µs"), ("cpu_us", "CPU µs"), (
        ("far_cpu_us", "far CPU µs"), ("p99_us", "p99 µs"), ("p999_us", "p99.9 µs"), ("rate", "per second"))),
}
# Whom the others of a kind are compared with, and in what.
BASELINES = {"forwarder": ("reference", "haproxy", "direct"), "ssh": ("ssh-L", "sshuttle")}

ONCE = {
    "allocations": ("Allocator calls of the main program, after a warm-up", (
        ("per_10k_connections", "10,000 short connections"), ("per_10_gib", "10 GiB"))),
    "activation": ("From exec to the first byte, under socket activation", (
        ("first_byte_ms", "ms"), ("tries", "connections until one was served"))),
    "rest": ("At rest, KiB", (
        ("program_kib", "program"), ("mapped_kib", "with its libraries"), ("rss_kib", "resident"),
        ("all_rss_kib", "resident, all processes"))),
}

LOOKUP = {"ns_ipv4": "IPv4", "ns_ipv6": "IPv6"}

IDLE = (("working", "open"), ("user_bytes", "user bytes"), ("kernel_bytes", "kernel bytes"),
        ("pipe_ends", "pipe ends"))


def number(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return "–"
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 1 else f"{value:.3f}"


def reach(pair: tuple[float, float] | None) -> str:
    return "–" if pair is None else f"{number(pair[0])} – {number(pair[1])}"


def table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---"] + ["---:"] * (len(headings) - 1), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def mode(test: str) -> str:
    """The mode of a test of the rounds, by its name: "split-trips-1" is of "trips"."""
    return next((name for name in COLUMNS if name in test.split("-")), "")


def test_table(results: Results, test: str, names: list[str], kind: str) -> str:
    """One test: medians, the spread of the main metric, ratios to the baselines that took part."""
    columns = COLUMNS[mode(test)]
    baselines = [name for name in BASELINES[kind] if name in names]
    shown = [columns.main, columns.cost, *(
        c for c in columns.others if c[0] not in ("failed", "far_cpu_us", "far_cpu_s_per_gib") or any(
            any(figures.present(column(results, test, name, c[0]))) for name in names))]
    headings = ["", *(heading for _, heading in shown), f"{columns.main[1]}, lowest – highest"]
    compared = [(c, base) for c in (columns.main, columns.cost) for base in baselines
                if (c, base) != (columns.cost, "direct")]  # which has no process to bill
    headings += [f"{c[1]} to {base}" for c, base in compared]
    rows = []
    for name in names:
        row = [name, *(number(figures.median(column(results, test, name, metric))) for metric, _ in shown)]
        row.append(reach(figures.spread(column(results, test, name, columns.main[0]))))
        row += [number(figures.median(figures.ratios(
            column(results, test, name, c[0]), column(results, test, base, c[0])))) for c, base in compared]
        rows.append(row)
    return f"### {test}\n\n{table(headings, rows)}\n"


def once_table(results: Results, test: str) -> str:
    title, columns = ONCE[test]
    rows = []
    for name, rounds in results[test].items():
        cells = []
        for metric, _ in columns:
            values = column(results, test, name, metric)
            low_high = f" ({reach(figures.spread(values))})" if len(rounds) > 1 else ""
            cells.append(number(figures.median(values)) + low_high)
        rows.append([name, *cells])
    return f"### {title}\n\n{table(['', *(heading for _, heading in columns)], rows)}\n"


def idle_table(results: Results, tests: list[str]) -> str:
    """User bytes, kernel bytes less those of the plain route, and pipe ends, for each connection."""
    def cell(name: str, test: str, metric: str) -> str:
        value = figures.median(column(results, test, name, metric))
        if value is not None and metric == "kernel_bytes":
            direct = figures.median(column(results, test, "direct", metric))
            value = None if direct is None else value - direct
        return number(value)

    names = list(dict.fromkeys(name for test in tests for name in results[test] if name != "direct"))
    headings = ["", *(f"{heading}, {test.removeprefix('idle-')}" for test in tests for _, heading in IDLE)]
    rows = [[name, *(cell(name, test, metric) for test in tests for metric, _ in IDLE)] for name in names]
    return ("### For each idle connection\n\n"
            "The kernel's bytes are the whole machine's, less those of the same connections without a forwarder.\n\n"
            f"{table(headings, rows)}\n")


def calls_table(results: Results, tests: list[str]) -> str:
    """How many system calls a short connection costs, and which; and a GiB."""
    names = list(dict.fromkeys(name for test in tests for name in results[test]))
    units = {test: "for each GiB, " + test.removeprefix("calls-") if "GiB" in _unit(test)
             else f"for each connection, {test.removeprefix('calls-')} at once" for test in tests}
    totals = [[name, *(number(figures.median(column(results, test, name, "calls"))) for test in tests)]
              for name in names]
    parts = ["### System calls of the main program, by strace\n",
             table(["", *(units[test] for test in tests)], totals)]
    for test in tests:
        if "GiB" in _unit(test):
            continue
        kinds = sorted({metric for name in names for values in results[test].get(name, []) if values
                        for metric in values if metric.startswith("calls_") and values[metric] >= 0.02})
        rows = [[kind.removeprefix("calls_"), *(
            number(figures.median(column(results, test, name, kind)) or 0) for name in names)] for kind in kinds]
        parts += [f"{units[test].capitalize()}:\n", table(["", *names], rows)]
    return "\n".join(parts)


def _unit(test: str) -> str:
    return "GiB" if "-up-" in test or "-down-" in test else "connection"


def lookup_table(results: Results, tests: list[str]) -> str:
    rows = [[f"{int(test.split('-')[1]):,}", *(number(figures.median(column(results, test, name, metric)))
                                              for metric in LOOKUP)]
            for test in tests for name in results[test]]
    return "### Longest prefix, ns for a lookup\n\n" + table(["prefixes", "IPv4", "IPv6"], rows)


def pictures(document: Document) -> dict[str, str]:
    """Name -> SVG."""
    results: Results = document["tests"]
    tests = [test for test in results if test.startswith("lookup-")]
    curves = {words: [(int(test.split("-")[1]), figures.median(column(results, test, name, metric)))
                      for test in tests for name in results[test]]
              for metric, words in LOOKUP.items()}
    if not tests:
        return {}
    return {"lookup": plot.svg("Longest prefix: cost of a lookup", "prefixes in the table", "ns", curves)}


def goals_table(found: list[Finding]) -> str:
    """The goals that were measured."""
    rows = [[f.text, f.test, f.bound, number(f.median), reach(f.interval) if f.rounds > 1 else "–", f.verdict]
            for f in found if f.median is not None]
    return table(["goal", "test", "bound", "median", "90 % interval", ""], rows)


def tally(found: list[Finding]) -> str:
    """ "12 met, 3 missed, 1 undecided" """
    verdicts = [f.verdict for f in found]
    order = ("met", "missed", "undecided", "not measured")
    return ", ".join(f"{verdicts.count(word)} {word}" for word in order if word in verdicts)


def render(document: Document, goals: list[Goal]) -> str:
    """The whole report."""
    results: Results = document["tests"]
    contenders: dict[str, dict[str, str]] = document["contenders"]
    found = findings(goals, results)
    parts = ["# Forwarders side by side\n",
             "".join(f"- {key}: {value}\n" for key, value in document["meta"].items()),
             "All contenders ran in turn in every round, each on a gateway of its own. CPU is that of all of a "
             "contender's processes and of its processor's packet interrupts; \"far\" is what stands beside the "
             "server for it (sshd, a SOCKS server); \"machine\" is everything, load and server included. Ratios are "
             "medians of the ratios within a round.\n",
             f"## Goals: {tally(found)}\n", goals_table(found), "## Contenders\n",
             table(["", ""], [[name, facts["about"]] for name, facts in contenders.items()])]
    if document["left_out"]:
        parts.append("Left out: " + "; ".join(f"{n} ({why})" for n, why in document["left_out"].items()) + ".\n")
    if document["complaints"]:
        parts.append("What went wrong:\n\n" + "".join(f"- {words}\n" for words in document["complaints"]))
    for kind, title in (("forwarder", "## Forwarders\n"), ("ssh", "## Through ssh\n")):
        tables = [test_table(results, test, names, kind) for test, names in _of_kind(document, kind, mode)]
        parts += [title, *tables] if tables else []
    parts.append("## Measured once\n")
    idle = [test for test in results if test.startswith("idle-")]
    parts += [idle_table(results, idle)] if idle else []
    calls = [test for test in results if test.startswith("calls-")]
    parts += [calls_table(results, calls)] if calls else []
    lookups = [test for test in results if test.startswith("lookup-")]
    parts += [lookup_table(results, lookups)] if lookups else []
    parts += [once_table(results, test) for test in ONCE if results.get(test)]
    return "\n".join(parts)


def _of_kind(document: Document, kind: str, is_wanted: Callable[[str], object]) -> list[tuple[str, list[str]]]:
    """(test, contenders of the kind that have results in it), without empty ones."""
    contenders: dict[str, dict[str, str]] = document["contenders"]
    pairs = ((test, [name for name in rounds if contenders[name]["kind"] == kind])
             for test, rounds in document["tests"].items() if is_wanted(test))
    return [(test, names) for test, names in pairs if names]
