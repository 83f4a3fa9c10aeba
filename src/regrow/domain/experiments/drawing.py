"""An experiment as a picture: rates and intervals over time, as SVG for pages and as signs for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from regrow.domain.experiments.series import Line, Point

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 44, 16, 34
TICKS = 4
LINE = 15
SHORT_SECONDS = 3_600
DASHES = ("", "7 4", "2 3", "9 3 2 3", "1 4")
"""Arms are told apart by their dashes and labels too, not by colour alone."""
ALONE = ' xmlns="http://www.w3.org/2000/svg" width="100%"'
STYLE = (
    "<style>svg{--arm-0:#0b6bcb;--arm-1:#b3470f;--arm-2:#1a7f37;--arm-3:#7a3fb0;--arm-4:#5b5b00;color:#222;"
    "background:#fff;font:12px system-ui,sans-serif}.grid{stroke:#ddd}.tick{fill:#555}</style>"
)
BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Frame:
    """What is to be seen: times in seconds since 1970, and values."""

    start: float
    end: float
    low: float
    high: float
    width: int = WIDTH

    def x(self, at: float) -> float:
        span = max(self.end - self.start, 1.0)
        return round(LEFT + (at - self.start) / span * (self.width - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        span = max(self.high - self.low, 1e-12)
        inside = min(max(value, self.low), self.high)
        return round(HEIGHT - BOTTOM - (inside - self.low) / span * (HEIGHT - TOP - BOTTOM), 1)


def svg(
    lines: Sequence[Line],
    title: str,
    description: str,
    is_share: bool = True,
    id: str = "experiment",
    is_alone: bool = False,
    width: int = WIDTH,
) -> str:
    """One picture with its title and description; colours come from the page (`--arm-0` to `--arm-4`).

    The same figures belong into a table beside it: `table`. With `is_alone` it is a file that brings its own style.
    A smaller `width` keeps the words readable where there is little room.
    """
    told = [line for line in lines if any(point.rate is not None for point in line.points)]
    frame = _frame(told, width)
    head = (
        f'<svg{ALONE if is_alone else ""} class="experiment" viewBox="0 0 {width} {HEIGHT}" role="img" '
        f'aria-labelledby="{id}-title {id}-text">'
        f'<title id="{id}-title">{escape(title)}</title><desc id="{id}-text">{escape(description)}</desc>'
        f"{STYLE if is_alone else ''}"
    )
    if frame is None:
        return f'{head}<text x="{width / 2}" y="{HEIGHT / 2}" text-anchor="middle">Nothing was seen yet.</text></svg>'
    places = _apart([frame.y(_last(line).rate or 0.0) for line in told])
    arms = (_arm(frame, number, line, places[number]) for number, line in enumerate(told))
    return f"{head}{''.join([_axes(frame, is_share), *arms])}</svg>"


def _last(line: Line) -> Point:
    return [point for point in line.points if point.rate is not None][-1]


def _apart(places: Sequence[float]) -> list[float]:
    """Heights of the arms' names, moved down as far as it takes to read each."""
    found, free = [0.0] * len(places), -math.inf
    for number in sorted(range(len(places)), key=lambda number: places[number]):
        found[number] = max(places[number], free)
        free = found[number] + LINE
    return found


def _frame(lines: Sequence[Line], width: int) -> Frame | None:
    arms = [[point for point in line.points if point.rate is not None] for line in lines]
    points = [point for arm in arms for point in arm]
    if not points:
        return None
    # The first intervals are so wide that they would flatten all the rest.
    late = [point for arm in arms for point in arm[len(arm) // 4 :]]
    lows = [_or(point.low, point) for point in late] + [point.rate or 0.0 for point in points]
    highs = [_or(point.high, point) for point in late] + [point.rate or 0.0 for point in points]
    top = max(highs)
    low = max(min(lows), 0.0)
    return Frame(min(p.at for p in points), max(p.at for p in points), low, top if top > low else low + 1.0, width)


def _or(value: float | None, point: Point) -> float:
    return (point.rate or 0.0) if value is None else value


def _axes(frame: Frame, is_share: bool) -> str:
    parts = []
    for number in range(TICKS + 1):
        value = frame.low + (frame.high - frame.low) * number / TICKS
        y = frame.y(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{frame.width - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{_told(value, is_share)}</text>')
    for at, anchor in ((frame.start, "start"), (frame.end, "end")):
        place = f'x="{frame.x(at)}" y="{HEIGHT - 12}" text-anchor="{anchor}"'
        parts.append(f'<text class="tick" {place}>{_time(at, frame)}</text>')
    return "".join(parts)


def _arm(frame: Frame, number: int, line: Line, place: float) -> str:
    seen = [point for point in line.points if point.rate is not None]
    colour = f"var(--arm-{number % 5}, currentColor)"
    band = [point for point in seen if point.low is not None and point.high is not None]
    upper = [f"{frame.x(point.at)},{frame.y(point.high or 0.0)}" for point in band]
    lower = [f"{frame.x(point.at)},{frame.y(point.low or 0.0)}" for point in reversed(band)]
    course = " ".join(f"{frame.x(point.at)},{frame.y(point.rate or 0.0)}" for point in seen)
    dash = f' stroke-dasharray="{DASHES[number % len(DASHES)]}"' if DASHES[number % len(DASHES)] else ""
    last = _last(line)
    return (
        (f'<polygon points="{" ".join(upper + lower)}" fill="{colour}" fill-opacity="0.14"/>' if band else "")
        + f'<polyline points="{course}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
        + f'<circle cx="{frame.x(last.at)}" cy="{frame.y(last.rate or 0.0)}" r="3.5" fill="{colour}"/>'
        + f'<text class="arm" x="{frame.x(last.at) + 8}" y="{round(place + 4, 1)}" fill="{colour}">'
        + f"{escape(line.label)}</text>"
    )


def table(lines: Sequence[Line], is_share: bool = True) -> list[tuple[str, str, str, str]]:
    """Label, units, rate and interval of each arm at the end, in words: for those who cannot see the picture."""
    rows = []
    for line in lines:
        last = line.points[-1] if line.points else None
        if last is None or last.rate is None:
            rows.append((line.label, "0", "", ""))
            continue
        known = last.low is not None and last.high is not None
        interval = f"{_told(last.low or 0.0, is_share)} to {_told(last.high or 0.0, is_share)}" if known else ""
        rows.append((line.label, f"{last.n:,}", _told(last.rate, is_share), interval))
    return rows


def terminal(lines: Sequence[Line], width: int = 60, is_share: bool = True) -> list[str]:
    """One line for each arm: its course in blocks on a common scale, and where it stands."""
    seen = [point.rate for line in lines for point in line.points if point.rate is not None]
    low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
    told = []
    for line, (label, units, rate, interval) in zip(lines, table(lines, is_share), strict=True):
        rates = [point.rate for point in line.points]
        step = max(len(rates) / max(width, 1), 1.0)
        picked = [rates[min(math.floor(place * step), len(rates) - 1)] for place in range(min(width, len(rates)))]
        course = "".join(_block(each, low, high) for each in picked)
        told.append(f"{label}  {course}  {rate or 'nothing yet'}{f' ({interval})' if interval else ''}, {units} seen")
    return told


def _block(rate: float | None, low: float, high: float) -> str:
    if rate is None:
        return " "
    part = (rate - low) / (high - low) if high > low else 0.5
    return BLOCKS[min(int(part * len(BLOCKS)), len(BLOCKS) - 1)]


def _told(value: float, is_share: bool) -> str:
    return f"{value:.2%}" if is_share else f"{value:,.2f}"


def _time(at: float, frame: Frame) -> str:
    """To the second when minutes are all there is."""
    form = "%Y-%m-%d %H:%M" if frame.end - frame.start >= SHORT_SECONDS else "%H:%M:%S"
    return datetime.fromtimestamp(at, UTC).strftime(form)
