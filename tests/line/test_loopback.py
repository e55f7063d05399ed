"""A mandate for demonstrations holds on loopback alone."""

import pytest

from monitor.config import Canary, Mandate, Rdap, Resolvers, Settings, Vantage
from monitor.errors import MandateMissing
from monitor.loopback import LOOPBACK, check_mandate_place, public_ranges

HERE = Settings(
    mandate=Mandate(loopback=True),
    resolvers=Resolvers(servers=("127.0.0.1:5353", "[::1]:5353", "127.9.9.9")),
    rdap=Rdap(servers={"ripencc": "http://127.0.0.1:8080/rdap"}),
    vantages={"far": Vantage(proxy="socks5://127.0.0.1:1080")},
    canary=Canary(ipv4=("http://127.0.0.7:8080/ok", "http://canary.example/ok"), ipv6=("http://[::1]/ok",)),
)


def test_servers_on_loopback_may_be_asked() -> None:
    """Resolvers, registries and proxies alike."""
    check_mandate_place(HERE)


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("resolvers", Resolvers(servers=("127.0.0.1", "192.0.2.53"))),
        ("resolvers", Resolvers(servers=("127.0.0.1", "2001:db8::53"))),
        ("rdap", Rdap(servers={"ripencc": "https://registry.example/rdap"})),
        ("canary", Canary(ipv4=("http://canary.example/", "http://198.51.100.9/ok"))),
        ("vantages", {"far": Vantage(proxy="http://198.51.100.7:3128")}),
    ],
)
def test_a_server_elsewhere_is_refused_under_it(section: str, value: object) -> None:
    """The message names the section and no address."""
    with pytest.raises(MandateMissing) as raised:
        check_mandate_place(HERE.model_copy(update={section: value}))
    assert f"[{section}]" in str(raised.value)
    assert not any(text in str(raised.value) for text in ("192.0.2", "2001", "198.51", "registry.example"))


def test_loopback_counts_as_public_under_that_mandate_alone() -> None:
    """Under a real one it is what it is."""
    assert set(LOOPBACK) <= set(public_ranges(HERE))
    assert not set(LOOPBACK) & set(public_ranges(Settings()))
