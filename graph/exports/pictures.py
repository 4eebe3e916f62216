"""A payload as an SVG file that stands alone: its own styles for light and dark, no script, and nothing loaded from anywhere."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from graph.drawing import WORDS, lines_of, shape_of, words_of
from graph.exports.characters import NOT_XML
from graph.exports.colours import DARK, EDGES, LIGHT
from graph.exports.scene import FOOT, Scene, scene
from graph.layout import Label, Mark

SANS = "'Seravek','Source Sans 3','Segoe UI',system-ui,Roboto,'Noto Sans','Noto Sans CJK SC',sans-serif"
SERIF = "'Iowan Old Style','Palatino Linotype',Palatino,'Source Serif 4','Noto Serif',Georgia,serif"
# No variables, which programs that draw (Inkscape, LaTeX, office suites) do not know: the rules are written once for each theme.
RULES = f"""
text{{font:15px {SANS};paint-order:stroke;stroke-width:4px;stroke-linejoin:round}}
.c text{{font-family:{SERIF};font-weight:600}}
.middle{{text-anchor:middle}}.end{{text-anchor:end}}
path{{fill:none}}.e{{stroke-width:1.2;stroke-opacity:.4}}
.w2{{stroke-width:1.8}}.w3{{stroke-width:2.4}}.w4{{stroke-width:3}}
.about{{stroke-dasharray:5 4}}.affiliated{{stroke-dasharray:1 4;stroke-linecap:round}}.cites{{stroke-dasharray:8 3 2 3}}
.s{{stroke-width:2}}
"""


def theme(colours: dict[str, str]) -> str:
    kinds = "".join(f".{kind}>.s{{fill:{colours[kind]}}}" for kind in WORDS)
    edges = "".join(f".{kind}{{stroke:{colours[of]}}}" for kind, of in EDGES.items())
    return (
        f".ground{{fill:{colours['surface']}}}.s{{stroke:{colours['surface']}}}{kinds}.c>.s{{fill:{colours['ink']}}}{edges}"
        f".leader{{stroke:{colours['line-strong']}}}text{{fill:{colours['ink']};stroke:{colours['surface']}}}"
        f".soft,.work text,.institution text{{fill:{colours['ink-soft']}}}"
    )


def svg(payload: dict[str, Any], site: str) -> str:
    """The drawing as a file. Titles say what each node is to the centre; the legend names the shapes."""
    drawn = scene(payload)
    left, top, width, height = drawn.box
    words = words_of(payload)
    names = [node["label"] for node in drawn.nodes if node["id"] in drawn.centres]
    title = text_of(f"Research graph of {', '.join(names)}" if names else "Research graph")
    edges = "".join(
        f'<g class="{group}">{"".join(f"<path d={quoteattr(way)}/>" for way, _ in members)}</g>'
        for group, members in lines_of(payload["edges"], drawn.marks, drawn.bend).items()
    )
    nodes = "".join(node_group(node, mark, drawn, words.get(node["id"], "")) for node, mark in zip(drawn.nodes, drawn.marks, strict=True))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}" width="{width}" height="{height}" role="img">'
        f"<title>{title}</title><desc>{text_of(drawn.foot)}</desc>"
        f"<style>{RULES}{theme(LIGHT)}@media (prefers-color-scheme:dark){{{theme(DARK)}}}</style>"
        f'<rect class="ground" x="{left}" y="{top}" width="{width}" height="{height}"/>'
        f'<g class="e">{edges}</g><g>{nodes}</g>{legend(drawn)}</svg>\n'
    )


def text_of(text: str) -> str:
    return escape(NOT_XML.sub("", text))


def node_group(node: dict[str, Any], mark: Mark, drawn: Scene, words: str) -> str:
    label = drawn.labels.get(mark.id)
    title = f"{node['label']}: {words}" if words else node["label"]
    centre = " c" if node["id"] in drawn.centres else ""
    return f'<g class="{node["kind"]}{centre}"><title>{text_of(title)}</title>{marked(node["kind"], mark)}{label_of(label, mark)}</g>'


def marked(kind: str, mark: Mark) -> str:
    return f'<path class="s" d="{shape_of(kind, mark)}"/>'


def label_of(label: Label | None, mark: Mark) -> str:
    if label is None:
        return ""
    leader = f'<path class="leader" d="M{mark.x:.0f} {mark.y:.0f}L{label.leader[0]:.0f} {label.leader[1]:.0f}"/>' if label.leader else ""
    size = f' font-size="{mark.size:.0f}" style="font-size:{mark.size:.0f}px"'
    return f'{leader}<text x="{label.x:.0f}" y="{label.y:.0f}" class="{label.anchor}"{size}>{text_of(mark.text)}</text>'


def legend(drawn: Scene) -> str:
    """The kinds with their shapes and numbers in one line, and below it from when and how much of what is known this is."""
    left, top, _, height = drawn.box
    x, y = left + 24, top + height - FOOT + 22
    parts = []
    for kind, count in drawn.counts.items():
        if count:
            name = f"{WORDS[kind][count != 1].capitalize()} {count:,}"
            parts.append(f'<g class="{kind}">{marked(kind, Mark(kind, x, y, 7, ""))}<text x="{x + 14}" y="{y + 5}">{name}</text></g>')
            x += 44 + round(8.5 * len(name))
    foot = f'<text class="soft" x="{left + 16}" y="{y + 29}" style="font-size:13px">{text_of(drawn.foot)}</text>'
    return f"{''.join(parts)}{foot}"
