"""One name per misbehaviour, for `Nameserver`. Invented names and documentation addresses only."""

from monitor.demo.nameserver import Fault, Records

_MANY = 40
_CHAIN_LENGTH = 30


def misbehaving_zone() -> dict[str, Records]:
    """Every name begins with what is the matter with it; names that are not here do not exist (NXDOMAIN)."""
    fine = Records(a=("192.0.2.10",), aaaa=("2001:db8::10",))
    return {
        "plain.site.example": fine,
        "many.site.example": Records(
            a=tuple(f"192.0.2.{n}" for n in range(1, _MANY + 1)),
            aaaa=tuple(f"2001:db8::{n}" for n in range(1, _MANY + 1)),
        ),
        "no-data.site.example": Records(),
        "no-data-no-soa.site.example": Records(soa=False),
        "ttl-0.site.example": Records(a=("192.0.2.10",), ttl=0),
        "changing.site.example": Records(a=("192.0.2.10",), later_a=("198.51.100.10",), ttl=60),
        "slow.site.example": Records(a=("192.0.2.10",), aaaa=("2001:db8::10",), delay_seconds=0.2),
        "xn--bcher-kva.site.example": fine,
        **_chains(),
        **_wildcards(),
        **_faults(),
        **_addresses(),
    }


def _chains() -> dict[str, Records]:
    long = {f"long-{n}.site.example": Records(cname=f"long-{n + 1}.site.example") for n in range(_CHAIN_LENGTH)}
    return {
        "cname.site.example": Records(cname="cname-2.site.example", ttl=120),
        "cname-2.site.example": Records(cname="plain.site.example", ttl=600),
        "cname-across.site.example": Records(cname="end.cdn.example", ttl=120, only_first_cname=True),
        "end.cdn.example": Records(a=("198.51.100.7",), aaaa=("2001:db8::7",), ttl=30),
        "cname-nowhere.site.example": Records(cname="gone.cdn.example", ttl=120),
        "cname-no-data.site.example": Records(cname="no-data.site.example", ttl=120),
        "loop-1.site.example": Records(cname="loop-2.site.example"),
        "loop-2.site.example": Records(cname="loop-1.site.example"),
        "loop-across-1.site.example": Records(cname="loop-across-2.site.example", only_first_cname=True),
        "loop-across-2.site.example": Records(cname="loop-across-1.site.example", only_first_cname=True),
        "loop-self.site.example": Records(cname="loop-self.site.example"),
        **long,
        f"long-{_CHAIN_LENGTH}.site.example": Records(a=("192.0.2.10",)),
    }


def _wildcards() -> dict[str, Records]:
    return {
        "*.wild.example": Records(a=("192.0.2.66",)),
        "other.wild.example": Records(a=("192.0.2.67",)),
        "*.wild6.example": Records(aaaa=("2001:db8::66",)),
        "*.wild-broken.example": Records(fault=Fault.SERVFAIL),
        "fine.wild-broken.example": Records(a=("192.0.2.10",)),
    }


def _faults() -> dict[str, Records]:
    a, aaaa = ("192.0.2.10",), ("2001:db8::10",)
    each = {
        f"{fault.value}.site.example": Records(a=a, aaaa=aaaa, fault=fault) for fault in Fault if fault != Fault.NONE
    }
    return {
        **each,
        "servfail-once.site.example": Records(a=a, aaaa=aaaa, fault=Fault.SERVFAIL, times_failing=1),
        "silent-once.site.example": Records(a=a, aaaa=aaaa, fault=Fault.SILENT, times_failing=1),
        "servfail-aaaa.site.example": Records(a=a, fault_aaaa=Fault.SERVFAIL),
        "servfail-aaaa-alone.site.example": Records(fault_aaaa=Fault.SERVFAIL),
        "silent-aaaa.site.example": Records(fault=Fault.SERVFAIL, fault_aaaa=Fault.SILENT),
    }


def _addresses() -> dict[str, Records]:
    return {
        "private.site.example": Records(a=("10.1.2.3",), aaaa=("fd00::1",)),
        "loopback.site.example": Records(a=("127.0.0.1",), aaaa=("::1",)),
        "unspecified.site.example": Records(a=("0.0.0.0",)),  # noqa: S104 (an answer, nothing is bound to it)
        "documentation.site.example": Records(a=("203.0.113.9",)),
        "mixed.site.example": Records(a=("10.1.2.3", "192.0.2.10"), aaaa=("::ffff:10.1.2.3", "fe80::1")),
        "mapped.site.example": Records(a=("192.0.2.10",), aaaa=("::ffff:192.0.2.10",)),
        "bogon-and-private.site.example": Records(a=("0.0.0.0", "10.1.2.3")),  # noqa: S104
    }
