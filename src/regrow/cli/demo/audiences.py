"""The site and who came to it, on the terminal."""

from __future__ import annotations

from regrow.cli import output
from regrow.cli.demo.counted import Audience, Published
from regrow.cli.demo.simulated_readers import LYING


def show(standing: Published) -> None:
    output.line("\nThe article on the built-in site, read by simulated readers (nobody real):")
    told = {"published": f"“{standing.title}”, A and B"}
    if (audience := standing.audience) is None:
        output.fields({**told, "readers": f"none: {standing.trouble}"})
        return
    for label, counts in audience.counts.items():
        rate = f"{counts.share:.1%}; the true rate is {audience.rates[label]:.0%}"
        told[f"variant {label}"] = f"shown to {counts.shown}, of whom {counts.read_on} read on: {rate}"
    for heading, is_signal in (("not counted", False), ("signals refused", True)):
        some = [f"{words} {count}" for name, words, _, count in audience.reasons if (name in LYING) == is_signal]
        told[heading] = ", ".join(some)
    told["against truth"] = _verdict(audience)
    output.fields(told)


def _verdict(audience: Audience) -> str:
    if audience.is_equal:
        return "equal: every count and every reason is what the simulated readers and bots really did"
    return "differs: " + "; ".join(audience.differences)
