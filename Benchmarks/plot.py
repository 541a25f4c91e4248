"""Curves over sizes as SVG: both axes logarithmic. Pure: points in, text out."""
import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 64, 120, 40, 48
COLOURS = ("#1b6ac9", "#c9471b", "#2a8a3e", "#7a3bb0")
Points = list[tuple[float, float]]


def decades(values: list[float]) -> list[float]:
    """The powers of ten that enclose the values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return [10.0 ** power for power in range(low, max(high, low + 1) + 1)]


def svg(title: str, across: str, up: str, curves: dict[str, Points]) -> str:
    """A picture of the curves; every value must be above zero."""
    xs, ys = (decades([point[axis] for points in curves.values() for point in points]) for axis in (0, 1))

    def place(value: float, ticks: list[float], begin: float, end: float) -> float:
        part = math.log10(value / ticks[0]) / math.log10(ticks[-1] / ticks[0])
        return begin + part * (end - begin)

    def x(value: float) -> float:
        return place(value, xs, LEFT, WIDTH - RIGHT)

    def y(value: float) -> float:
        return place(value, ys, HEIGHT - BOTTOM, TOP)

    def text(left: float, top: float, words: str, anchor: str = "middle") -> str:
        return f'<text x="{left:.1f}" y="{top:.1f}" text-anchor="{anchor}">{words}</text>'

    def line(points: Points, colour: str, width: float) -> str:
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
        return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
             'font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', text(WIDTH / 2, 20, title),
             text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, across), text(LEFT, TOP - 8, up)]
    for tick in xs:
        parts += [line([(tick, ys[0]), (tick, ys[-1])], "#ddd", 1), text(x(tick), HEIGHT - BOTTOM + 16, f"{tick:,g}")]
    for tick in ys:
        parts += [line([(xs[0], tick), (xs[-1], tick)], "#ddd", 1), text(LEFT - 6, y(tick) + 4, f"{tick:,g}", "end")]
    for (name, points), colour in zip(curves.items(), COLOURS, strict=False):
        last = points[-1]
        parts += [line(points, colour, 2), text(x(last[0]) + 6, y(last[1]) + 4, name, "start")]
    return "\n".join([*parts, "</svg>", ""])
