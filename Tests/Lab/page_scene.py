"""Networks in several states at once, to see on the web page: for its tests and for docs/page.png."""
import configuration
from browser_window import web
from laboratory import Lab

# Of the ssh gateway: nobody answers there, and nobody listens there.
SILENT, CLOSED = 2223, 9

# What `play` leads to, while what waits for "branch" is not answered.
STATES = {"home": "up", "customer": "locked", "archive": "holdoff", "branch": "dialling", "office": "released",
          "lab": "idle", "near": "routed"}


def config(lab: Lab, names: dict | None = None, *others: dict) -> str:
    """dvpn.toml; the networks of `others` come after "home"."""
    ssh = f"{lab.directory}/ssh"
    home = configuration.changed(configuration.home(ssh), {"idle": "10m"})

    def like_home(name: str, prefix: str, **changes: object) -> dict:
        return configuration.changed(home, {"name": name, "prefixes": [prefix], "domains": None, "dns": None,
                                            **changes})

    networks = [
        home if names else configuration.changed(home, {"domains": None, "dns": None}), *others,
        like_home("branch", "10.20.0.0/16", ssh={"port": SILENT}),
        # An account of its own: its lock is the account's.
        like_home("customer", "10.30.4.0/24", gateway="alice@198.51.100.2", ssh={"identity": f"{ssh}/wrong_key"}),
        like_home("archive", "10.40.0.0/24", ssh={"port": CLOSED}),
        # Not home's tunnel.
        like_home("lab", "10.50.0.0/16", gateway="dvpn@2001:db8:51::2"),
        like_home("office", "10.60.0.0/16", gateway="dvpn@2001:db8:51::2"),
        {"name": "near", "via": "direct", "prefixes": ["10.9.0.0/24", "fd00:9::/64"]},
    ]
    return configuration.text(networks, names) + web(lab)


def play(lab: Lab) -> None:
    """Brings the networks into their states: two fail, one is released, one is up, and one goes on dialling
    for what waits there."""
    lab.dvpnctl("up", "customer", check=False)
    for _ in range(6):  # the hold-off grows with each, to half a minute
        lab.dvpnctl("up", "archive", check=False)
    lab.dvpnctl("release", "office")
    lab.dvpnctl("up", "home")
    # It ends by itself when its packet is answered, or with the lab.
    lab.start("lan", "waiting", "curl", "--silent", "--max-time", "60", "http://10.20.7.5/")
