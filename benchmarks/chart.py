"""Findings as one SVG: each row a pair of lanes from zero on, a dot for each round."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from benchmarks.judging import Row, Series, Verdict
from benchmarks.report import Findings, number

_WIDTH = 900
_LEFT, _RIGHT = 330, 740  # where lanes begin and end
_TOP, _ROW, _LANE = 64, 74, 20
_COLOURS = {Verdict.REACHED: "#1a7f37", Verdict.MISSED: "#b35900", Verdict.TOLD: "#57606a"}
_OURS, _AGAINST = "#0969da", "#8c959f"
_INK, _FAINT = "#1f2328", "#d0d7de"
_FONT = "12px system-ui, sans-serif"


def chart(findings: Findings) -> str:
    height = _TOP + _ROW * len(findings.rows)
    svg = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH} {height}",
        style=f"font: {_FONT}; background: #fff",
    )
    _text(svg, 16, 26, f"{findings.name}: {findings.title}", **{"font-weight": "bold"})
    loads = f"{findings.load_before:g} before, {findings.load_after:g} after"
    _text(svg, 16, 44, f"a dot for each round, a bar for the median; load average {loads}")
    for position, row in enumerate(findings.rows):
        _draw(svg, row, _TOP + _ROW * position)
    indent(svg)
    return tostring(svg, encoding="unicode") + "\n"


def _draw(svg: Element, row: Row, top: int) -> None:
    _line(svg, (16, top), (_WIDTH - 16, top), _FAINT)
    _text(svg, 16, top + 18, f"{row.what}, {row.unit}", **{"font-weight": "bold"})
    _text(svg, _WIDTH - 16, top + 18, _said_of(row), "end", fill=_COLOURS[row.verdict])
    lanes = [(row.ours, _OURS)] + ([(row.against, _AGAINST)] if row.against else [])
    most = max(value for series, _ in lanes for value in series.values) or 1
    for position, (series, colour) in enumerate(lanes, start=1):
        _lane(svg, series, top + 18 + _LANE * position, colour, most)


def _lane(svg: Element, series: Series, y: int, colour: str, most: float) -> None:
    def at(value: float) -> float:
        return round(_LEFT + max(0.0, value) / most * (_RIGHT - _LEFT), 1)

    _text(svg, _LEFT - 12, y, series.of, "end")
    _line(svg, (_LEFT, y - 4), (_RIGHT, y - 4), _FAINT)
    for value in series.values:
        dot = {"cx": str(at(value)), "cy": str(y - 4), "r": "4", "fill": colour, "opacity": "0.5"}
        SubElement(svg, "circle", dot)
    _line(svg, (at(series.median), y - 12), (at(series.median), y + 4), colour, width=3)
    _text(svg, _WIDTH - 16, y, number(series.median), "end", fill=colour)


def _said_of(row: Row) -> str:
    parts = [] if row.ratio is None else [f"ratio {row.ratio:.2f}"]
    parts += [] if row.goal is None else [f"goal {row.goal}: {row.verdict}"]
    parts += [f"errors: {row.errors}"] if row.errors else []
    return ", ".join(parts)


def _text(svg: Element, x: float, y: float, words: str, anchor: str = "start", **more: str) -> None:
    place = {"x": str(x), "y": str(y), "text-anchor": anchor, "fill": _INK}
    SubElement(svg, "text", place | more).text = words


def _line(
    svg: Element,
    begin: tuple[float, float],
    end: tuple[float, float],
    colour: str,
    width: int = 1,
) -> None:
    (x1, y1), (x2, y2) = begin, end
    ends = {"x1": str(x1), "y1": str(y1), "x2": str(x2), "y2": str(y2)}
    SubElement(svg, "line", ends | {"stroke": colour, "stroke-width": str(width)})
