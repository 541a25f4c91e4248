"""The report of `scale`: tables, goals and two pictures. Pure."""
import plot

Document = dict

# What is promised at 65,536 lines: what, the figure, its bound, its unit.
GOALS = [
    ("cold start", "start_ms", 1_000, "ms"),
    ("reload of one changed line", "reload_ms", 50, "ms"),
    ("memory of both planes", "planes", 64, "MiB"),
]
GOAL_LINES = 65_536

CONFIGURED = [
    ("lines", "lines"), ("networks", "networks"), ("start, ms", "start_ms"), ("changed line, ms", "reload_ms"),
    ("added line, ms", "added_ms"), ("controlplane, MiB", "controlplane"), ("dataplane, MiB", "dataplane"),
    ("first byte, cold, ms", "first_ms"), ("warm, ms", "warm_first_ms"), ("idle CPU, ms/s", "idle_cpu_ms_per_s"),
]
KERNEL = [
    ("lines", "lines"), ("routes", "routes"), ("policy rules", "ip_rules"), ("nft rules", "nft_rules"),
    ("nft elements", "nft_elements"), ("sockets on the gateway", "sockets"), ("idle wake-ups/s", "idle_wakes_per_s"),
]
NAMES = [
    ("lines", "lines"), ("last name known, ms", "start_ms"), ("changed name, ms", "changed_ms"), ("its CPU, ms", "changed_cpu_ms"),
    ("dnsmasq, MiB", "dnsmasq"), ("controlplane, MiB", "controlplane"),
]
ACTIVE = [
    ("active", "active"), ("ssh processes", "masters"), ("memory in all, MiB", "all"),
    ("controlplane, MiB", "controlplane"), ("dataplane, MiB", "dataplane"), ("one ssh, MiB", "master"),
    ("descriptors in all", "descriptors"), ("CPU, ms/s", "cpu_ms_per_s"), ("first byte, ms", "first_ms"),
    ("the slowest", "first_ms_worst"),
]


def number(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, int) or (isinstance(value, float) and value == int(value) and value >= 100):
        return f"{int(value):,}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}" if value else "0"


def table(columns: list[tuple[str, str]], rows: list[dict]) -> str:
    head = f"| {' | '.join(title for title, _ in columns)} |\n|{'---:|' * len(columns)}"
    return "\n".join([head, *(f"| {' | '.join(number(row.get(key)) for _, key in columns)} |" for row in rows)])


def planes(row: dict) -> float:
    return row["controlplane"] + row["dataplane"]


def findings(document: Document) -> list[tuple[str, float, float, str, bool]]:
    """What, measured, bound, unit, whether it is within; of the row that the goals are about."""
    row = next((row for row in document["configured"] if row["lines"] == GOAL_LINES), None)
    if row is None:
        return []
    row = row | {"planes": planes(row)}
    return [(what, row[key], bound, unit, row[key] <= bound) for what, key, bound, unit in GOALS if key in row]


def goals(document: Document) -> str:
    rows = [f"| {what} | ≤ {bound:,} {unit} | {number(value)} {unit} | {'reached' if isWithin else 'missed'} |"
            for what, value, bound, unit, isWithin in findings(document)]
    return "\n".join(["| at 65,536 lines | goal | measured | |", "|---|---:|---:|---|", *rows]) if rows else \
        "No goal was measured: they are about 65,536 lines."


def per_gateway(document: Document) -> str:
    """What one active gateway costs, between the lowest and the highest level."""
    rows = document["active"]
    if len(rows) < 2 or rows[-1]["active"] == rows[0]["active"]:
        return ""
    more = rows[-1]["active"] - rows[0]["active"]

    def each(key: str) -> float:
        return (rows[-1][key] - rows[0][key]) / more

    return (f"One active gateway more costs {each('all'):.2f} MiB, {each('masters'):.2g} ssh process, "
            f"{each('descriptors'):.1f} descriptors and {each('cpu_ms_per_s'):.2f} ms of processor time a second "
            "(one connection, one byte and its echo a second).")


def line(row: dict) -> str:
    return ", ".join(f"{title} {number(row.get(key))}" for title, key in CONFIGURED)


def names_line(row: dict) -> str:
    return ", ".join(f"{title} {number(row.get(key))}" for title, key in NAMES)


def active_line(row: dict) -> str:
    return ", ".join(f"{title} {number(row.get(key))}" for title, key in ACTIVE)


def pictures(document: Document) -> dict[str, str]:
    """Name -> SVG: the founding claim, from both sides."""
    found = {}
    for name, key, rows, title in (
            ("active", "active", document["active"], "Cost against active gateways, 65,536 configured"),
            ("configured", "networks", unique(document["configured"]), "Cost against configured gateways, 10 active")):
        if len(rows) > 1:
            curves = {"MiB": [(row[key], row["all"]) for row in rows],
                      "CPU ms/s": [(row[key], max(0.1, row["cpu_ms_per_s"])) for row in rows]}
            found[name] = plot.svg(title, f"{key} gateways" if name == "active" else "configured gateways",
                                   "MiB and ms/s", curves)
    return found


def unique(rows: list[dict]) -> list[dict]:
    """Of rows with as many networks, the first: further lines add none."""
    seen: dict[int, dict] = {}
    for row in rows:
        # With fewer lines than visited gateways there are fewer of these.
        if row["networks"] >= 10:
            seen.setdefault(row["networks"], row)
    return list(seen.values())


def render(document: Document) -> str:
    meta = "\n".join(f"- {key}: {value}" for key, value in document["meta"].items())
    scattered = document.get("scattered")
    parts = [
        f"# Many gateways\n\n{meta}", f"## Goals\n\n{goals(document)}",
        "## Configured gateways\n\nThe last columns with up to ten of them active. Changed and added lines are "
        "counted from the file's replacement until the new gateway is in force. Memory is what is resident (RSS) "
        f"after these changes.\n\n{table(CONFIGURED, document['configured'])}",
        f"### In the kernel\n\n{table(KERNEL, document['configured'])}"]
    if scattered:
        parts.append("### The same number of prefixes with a gap behind each\n\nNo two of them make one route or one "
                     f"range.\n\n{table(CONFIGURED, [scattered])}\n\n{table(KERNEL, [scattered])}")
    if "names" in document:
        parts.append("## Names\n\nOf every line, served by a dnsmasq of dvpn's own; counted from the controlplane's start "
                     f"and from the file's replacement.\n\n{table(NAMES, [document['names']])}")
    parts.append(f"## Active gateways\n\nReal ssh processes to as many sshd; memory is shared fairly (PSS) and of all "
                 f"that is dvpn's.\n\n{table(ACTIVE, document['active'])}\n\n{per_gateway(document)}")
    lookups = [("prefixes", "prefixes"), ("IPv4, ns", "ns_ipv4"), ("IPv6, ns", "ns_ipv6")]
    parts.append(f"## Lookup of the longest prefix\n\n{table(lookups, document['lookup'])}")
    return "\n\n".join(parts) + "\n"
