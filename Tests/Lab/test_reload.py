"""A reload touches what changed and nothing else, also where networks share a tunnel."""
import time

from laboratory import wait_until


def shared(lab, idle):
    """Two networks behind one gateway; `idle` is the first one's alone."""
    text = lab.config_text(idle=idle, prefixes=["10.1.2.0/24"])
    network = text[text.index("[[network]]"):text.index("[[network]]", text.index("[[network]]") + 1)]
    second = network.replace('"home"', '"home2"').replace("10.1.2.0/24", "fd00:1:2::/64")
    return text + "\n" + second.replace(f'idle = "{idle}"', 'idle = "60s"')


def test_a_network_that_a_reload_brings_is_idle_since_then(stopped):
    def since(name):
        return stopped.network(name)["since"]

    text = shared(stopped, "60s")
    stopped.start_dvpn(text[:text.rindex("[[network]]")])
    started = since("home")
    second = int(time.time())
    wait_until(lambda: time.time() >= second + 2, 5, "another second")
    stopped.config.write_text(text)
    stopped.dvpnctl("reload")
    assert since("home2") > started == since("home")
    came = since("home2")
    stopped.dvpnctl("release", "home2")
    second = int(time.time())
    wait_until(lambda: time.time() >= second + 2, 5, "another second")
    stopped.dvpnctl("resume", "home2")
    assert since("home2") > came


def wait_for_masters(lab, count):
    """A fresh master has another ssh beside it for a moment: the session that is asked for once."""
    wait_until(lambda: lab.ssh_masters() == count, 5, f"{count} masters")


def test_networks_that_shared_a_tunnel_and_do_so_no_more_keep_out_of_each_others_way(stopped):
    stopped.start_dvpn(shared(stopped, "60s"))
    with stopped.talk("lan", "fd00:1:2::10") as talk:
        talk.connected()
        assert "hello" in stopped.get("lan", "10.1.2.10")
        wait_for_masters(stopped, 1)
        stopped.config.write_text(shared(stopped, "50s"))
        stopped.dvpnctl("reload")
        assert "hello" in stopped.get("lan", "10.1.2.10")
        wait_for_masters(stopped, 2)
        assert talk.say("still here") == "still here"
        stopped.dvpnctl("down", "home")
        assert stopped.connect("lan", "10.1.2.10")["result"] == "unreachable"
        assert talk.say("and here") == "and here"
        assert "hello" in stopped.get("lan", "fd00:1:2::10")
        assert stopped.ssh_masters() == 1
    # The one that runs is still its own after a restart of the controlplane.
    stopped.end("controlplane", "KILL")
    stopped.start_controlplane()
    assert stopped.network("home2")["state"] == "up"
    assert "hello" in stopped.get("lan", "fd00:1:2::10")


def test_one_of_two_networks_that_moves_to_another_gateway_takes_none_of_the_first_ones_sockets(stopped):
    """The other gateway lets port 80 through and nothing else: what gets to port 7 went the old way."""
    def text(port):
        first, second = shared(stopped, "60s").split("\n[[network]]\nname     = \"home2\"")
        second = second.replace("[network.ssh]", f"[network.ssh]\nport = {port}")
        return f'{first}\n[[network]]\nname     = "home2"{second}'

    def move(port):
        stopped.config.write_text(text(port))
        stopped.dvpnctl("reload")

    stopped.start_dvpn(text(22))
    assert "hello" in stopped.get("lan", "10.1.2.10")
    # Masters are numbered for each tunnel: the second one's number is none that the other tunnel has.
    stopped.run("gw", "pkill", "-KILL", "-u", "dvpn-ssh", "-x", "ssh")
    stopped.wait_for_state("idle")
    with stopped.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        assert stopped.connect("lan", "fd00:1:2::10", 7)["result"] == "connected"
        move(2222)
        assert stopped.network("home2")["state"] == "idle"
        for _ in range(5):
            assert stopped.connect("lan", "fd00:1:2::10", 7)["result"] == "refused"
            assert "hello" in stopped.get("lan", "fd00:1:2::10")
        # While the other gateway does not let anybody in, nobody gets there by the first one.
        move(2223)
        assert stopped.connect("lan", "fd00:1:2::10", 7, timeout=2)["result"] != "connected"
        move(22)
        assert stopped.connect("lan", "fd00:1:2::10", 7)["result"] == "connected"
        assert talk.say("still here") == "still here"
    assert "on its local socket" not in stopped.log("controlplane")


def test_a_network_that_is_removed_is_not_served_and_comes_back_with_its_line(stopped):
    stopped.start_dvpn()
    assert "hello" in stopped.get("lan", "10.1.2.10")
    near = stopped.original_config.index("[[network]]", stopped.original_config.index("[[network]]") + 1)
    first = stopped.original_config.index("[[network]]")
    stopped.config.write_text(stopped.original_config[:first] + stopped.original_config[near:])
    stopped.dvpnctl("reload")
    assert stopped.ssh_masters() == 0
    assert stopped.connect("lan", "10.1.2.10", timeout=2)["result"] != "connected"
    assert "hello" in stopped.get("lan", "10.9.0.10")
    stopped.config.write_text(stopped.original_config)
    stopped.dvpnctl("reload")
    assert "hello" in stopped.get("lan", "10.1.2.10")


def test_a_file_with_mistakes_changes_nothing_and_says_where(dvpn):
    dvpn.get("lan", "10.1.2.10")
    dvpn.config.write_text(dvpn.original_config.replace("prefixes", "prefxes", 1))
    answer = dvpn.dvpnctl("reload", check=False)
    assert answer.returncode == 78
    assert "dvpn.toml:5:1: error: " in answer.stderr and "did you mean" in answer.stderr
    assert dvpn.network()["state"] == "up"
    assert "hello" in dvpn.get("lan", "10.1.2.10")


def test_a_network_that_a_person_took_down_stays_down_with_other_settings(dvpn):
    dvpn.dvpnctl("down", "home")
    dvpn.config.write_text(dvpn.config_text(idle="47s", prefixes=["10.1.2.0/24"]))
    dvpn.dvpnctl("reload")
    assert dvpn.connect("lan", "10.1.2.10")["result"] == "unreachable"
    assert dvpn.network()["held_down"] and dvpn.ssh_masters() == 0
    assert "held down by an operator" in dvpn.dvpnctl("status", check=False).stdout
    dvpn.dvpnctl("up", "home")
    assert "hello" in dvpn.get("lan", "10.1.2.10")
