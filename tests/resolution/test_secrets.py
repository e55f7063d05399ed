"""Host names and addresses appear in no log, message, repr or output of the resolution stage."""

import logging
from typing import Any

import pytest

from monitor.demo.nameserver import Fault, Nameserver, Records
from monitor.errors import ConfigError
from monitor.model.report import Host
from monitor.model.words import HostKind
from monitor.resolution import Cache, Options, resolve

MARK = "zzmarkedhost"
FAULTS = [fault for fault in Fault if fault is not Fault.NONE]
ADDRESS = "192.0.2.177"


def test_nothing_that_is_written_or_printed_names_a_host_or_an_address(
    make_asker: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every fault played on marked names, with asyncio's debug log on: logs, both outputs and reprs are searched."""
    zone = {f"{MARK}-{fault.value}.site.example": Records(a=(ADDRESS,), fault=fault) for fault in FAULTS}
    zone[f"{MARK}-alias.site.example"] = Records(cname=f"{MARK}-silent.site.example")
    names = [*zone, f"{MARK}-gone.site.example", f"{MARK}..bad.example", f"{MARK}.onion"]
    cache = Cache()
    with caplog.at_level(logging.DEBUG), Nameserver(zone) as one, Nameserver(zone) as other:
        settings = make_asker((one.address, other.address)).settings(timeout_seconds=0.1)
        hosts = [(at, Host(name, HostKind.NAME, "", None)) for at, name in enumerate(names)]
        batches = list(resolve(hosts, settings, options=Options(first_wait_seconds=0.01), cache=cache))
    shown = caplog.text + "".join(capfd.readouterr()) + repr(batches) + repr(cache)
    assert one.asked[f"{MARK}-silent.site.example", "A"]  # the marked names were asked about
    assert "Answers" in shown
    assert MARK not in shown
    assert ADDRESS not in shown


def test_an_error_in_the_middle_names_no_host(
    make_asker: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No more sockets: message, repr and the whole chain of causes are searched."""

    async def none_left(*_args: object, **_said: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.create_datagram_endpoint", none_left)
    settings = make_asker(("127.0.0.1", "127.0.0.2")).settings()
    hosts = [(at, Host(f"{MARK}{at}.site.example", HostKind.NAME, "", None)) for at in range(5)]
    with caplog.at_level(logging.DEBUG), pytest.raises(ConfigError) as raised:
        list(resolve(hosts, settings))
    shown = f"{raised.value} {raised.value!r} {raised.value.__cause__!r} {raised.value.__context__!r} {caplog.text}"
    assert MARK not in shown
    assert "127.0.0" not in shown
