"""dvpn.toml for tests: networks as dictionaries, with what a test changes, and their text.

A word of a key may be written with an underscore: `accept_pushed=True`. A dictionary inside a network is
its table (`vpnc`, `filter`), merged with what is there; None removes a key.
"""
import json
from typing import TYPE_CHECKING, Any

import concentrator

if TYPE_CHECKING:
    from laboratory import Lab

# What `dvpn` runs for names in most tests: a dnsmasq of its own, for the LAN and for the gateway itself.
MANAGED = {"mode": "managed", "listen": ["192.168.77.1", "127.0.0.1"], "upstream": ["203.0.113.1"]}


def text(networks: list[dict], names: dict | None, **top: Any) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in ({"lan": ["br-lan"]} | _dashed(top)).items()]
    for name, table in [("[dns]", names), *(("[[network]]", network) for network in networks)]:
        if table is not None:
            plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
            lines += ["", name, *(f"{key} = {_value(value)}" for key, value in _dashed(plain).items())]
            for inner in (key for key in table if key not in plain):
                lines += [f"[network.{inner}]",
                          *(f"{key} = {_value(value)}" for key, value in _dashed(table[inner]).items())]
    return "\n".join(lines) + "\n"


def changed(network: dict, changes: dict) -> dict:
    result = dict(network)
    for key, value in _dashed(changes).items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = changed(result.get(key, {}), value)
        else:
            result[key] = value
    return result


def work(vpn: concentrator.Concentrator, via: str) -> dict:
    """The network behind the concentrator, by one of its three servers."""
    network = {"name": "work", "via": via, "prefixes": ["10.66.0.0/16"], "domains": ["corp.example"],
               "dns": ["10.66.0.10"], "idle": "5s"}
    user = {"username": concentrator.USER, "password": vpn.secret("password")}
    if via == "vpnc":
        return network | {"gateway": concentrator.GATEWAY, "vpnc": {
            "group": concentrator.GROUP, "group-secret": vpn.secret("group"), **user}}
    network["prefixes"] = ["10.66.0.0/16", "fd00:66::/48"]
    if via == "openconnect":
        return network | {"gateway": concentrator.GATEWAY,
                          "openconnect": {"server-cert": vpn.pin(), **user}}
    return network | {"prefixes": ["10.66.0.0/16"],
                      "command": {"start": vpn.openvpn_client(), "device": "dv-ovpn"}}


def home(ssh: str) -> dict:
    """The network behind the ssh gateway, with its names."""
    return {"name": "home", "via": "ssh", "prefixes": ["10.1.2.0/24", "fd00:1:2::/64"],
            "domains": ["home.example"], "dns": ["10.1.2.10"], "gateway": "dvpn@198.51.100.2", "idle": "5s",
            "ssh": {"identity": f"{ssh}/id_ed25519", "known-hosts": f"{ssh}/known_hosts"}}


def everything(lab: "Lab") -> str:
    """One network of each kind, and their names: to play with."""
    near = {"name": "near", "via": "direct", "prefixes": ["10.9.0.0/24", "fd00:9::/64"]}
    return text([home(f"{lab.directory}/ssh"), work(lab.vpn, "vpnc"), near], MANAGED)


def _dashed(table: dict) -> dict:
    return {key.replace("_", "-"): value for key, value in table.items()}


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)
