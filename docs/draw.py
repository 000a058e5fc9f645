"""Draw docs/pictures/*.svg, without any library: `make docs`.

The pictures follow the reader's scheme, light or dark, and bring their own background, so that they
can be read on any page. tests/docs/test_pictures.py fails when one is out of date.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from pathlib import Path

DOCS = Path(__file__).resolve().parent
FOLDER = DOCS / "pictures"

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1c2126 }
.card { fill: #fbfcfd } .box { fill: #e9eff5; stroke: #9fb4c7 }
.other { fill: #f6ece2; stroke: #d3a27c }
.rule { stroke: #9aa4ae } .arrow { stroke: #5c6670; fill: none; marker-end: url(#tip) }
.tip { fill: #5c6670 } .quiet { fill: #5c6670 } .bar { fill: #1f6aa5 } .pale { fill: #9fb4c7 }
.warm { fill: #c8692a } .mark { stroke: #b23a2e; stroke-dasharray: 4 3 } .on { fill: #ffffff }
.line { stroke: #1c2126; stroke-width: 1.5 } .leaf { fill: #3b8757 }
.plum { fill: #7a5aa0 } .head { font-weight: 600 }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e8ec }
  .card { fill: #171b20 } .box { fill: #22303d; stroke: #4a6075 }
  .other { fill: #3a2b1f; stroke: #8a6445 }
  .rule { stroke: #5c6670 } .arrow { stroke: #9aa4ae } .tip, .quiet { fill: #9aa4ae }
  .bar { fill: #4d94cc } .pale { fill: #4a6075 } .warm { fill: #dd8a50 } .mark { stroke: #e0796d }
  .line { stroke: #e4e8ec }
}
""".strip()


class Drawing:
    """A picture in the making; places are in pixels from the top left.

    Args:
        width: Of the picture.
        height: Of the picture.
        title: What it shows, for those who cannot see it.
    """

    def __init__(self, width: int, height: int, title: str) -> None:
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>\n{STYLE}\n</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            'markerHeight="7" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
            f'<rect class="card" width="{width}" height="{height}" rx="8"/>',
        ]

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        """Write a line."""
        where = f'class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
        self.parts.append(f"<text {where}>{escape(words)}</text>")

    def rect(self, place: tuple[float, float, float, float], kind: str, round_by: int = 4) -> None:
        """Draw a rectangle: x, y, width, height."""
        x, y, width, height = place
        self.parts.append(
            f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
            f'rx="{round_by}"/>'
        )

    def line(self, points: list[tuple[float, float]], kind: str = "arrow") -> None:
        """Draw a line through points, an arrow unless said otherwise."""
        path = " ".join(f"{x:g} {y:g}" for x, y in points)
        self.parts.append(f'<path class="{kind}" fill="none" d="M{path}"/>')

    def box(self, place: tuple[float, float, float, float], words: str, kind: str = "box") -> None:
        """Draw a box; the first line of its words is its name, the others are quiet."""
        x, y, width, height = place
        self.rect(place, kind)
        lines = words.split("\n")
        top = y + height / 2 - 8.5 * (len(lines) - 1) + 4.5
        for number, line in enumerate(lines):
            named = "quiet" if number else "head"
            self.text(x + width / 2, top + 17 * number, line, named, "middle")

    def svg(self) -> str:
        """Give the whole document."""
        return "\n".join([*self.parts, "</svg>", ""])


def run() -> Drawing:
    """The stages of a run."""
    drawing = Drawing(720, 560, "The stages of a run and what each hands to the next")
    steps = [
        ("catalog", "read each source, merge, say why each row left"),
        ("audit", "decode every file once; defects, and copies by bytes and by sound"),
        ("folds, cache", "class lists and grouped folds; recordings as 16-bit values"),
        ("pretrain", "all catalogs with role pretrain"),
        ("finetune", "each fold: weights and shared head rows from above; or none (baseline)"),
        ("evaluate", "out-of-fold scores, metrics with intervals, thresholds"),
        ("bundle", "ONNX, scored again; one for each fold"),
        ("scan", "soundscapes: scores, detections, metrics"),
        ("examples", "clips to see and hear, and what in them spoke for what"),
    ]
    for number, (name, does) in enumerate(steps):
        y = 16 + 60 * number
        drawing.box((24, y, 130, 40), name)
        drawing.text(172, y + 25, does, "quiet")
        if number:
            drawing.line([(89, y - 20), (89, y - 1)])
    return drawing


def clip() -> Drawing:
    """What a clip goes through in training."""
    drawing = Drawing(720, 296, "What a clip goes through, from the file to the loss")
    drawing.text(24, 28, "on threads of the processor", "quiet")
    drawing.text(116, 148, "on the device, a batch at a time", "quiet")
    above = [
        "recording\nfile or cache",
        "window\nat a random place",
        "one rate\nchannels averaged",
    ]
    below = [
        "waveform\nspeed, filter, gain",
        "mix\nmixup, CutMix, noise",
        "log-mel image\neach clip by itself",
        "masks\nin time and pitch",
    ]
    last = ["backbone\nany of timm's", "pooling, head", "loss\nof clips or frames"]
    for row, words in ((38, above), (160, below), (232, last)):
        for number, one in enumerate(words):
            x = 24 + 172 * number
            drawing.box((x, row, 152, 48), one, "other" if row == 38 else "box")
            if number:
                drawing.line([(x - 20, row + 24), (x - 1, row + 24)])
    drawing.line([(520, 62), (616, 62), (616, 122), (100, 122), (100, 159)])
    drawing.line([(616, 208), (616, 220), (100, 220), (100, 231)])
    return drawing


def folds() -> Drawing:
    """Recordings of five recordists, dealt to folds one by one and in groups."""
    drawing = Drawing(720, 236, "Naive folds part a recordist's recordings; grouped folds do not")
    naive = ["AABCDDE", "ABCCDE", "ABCDE"]
    grouped = ["AAAAEEE", "BBBDDDD", "CCCC"]
    kinds = {"A": "bar", "B": "warm", "C": "pale", "D": "plum", "E": "leaf"}
    for left, title, dealt, said in (
        (24, "one by one", naive, "every recordist is on both sides"),
        (372, "in groups", grouped, "a recordist is on one side"),
    ):
        drawing.text(left, 28, title, "head")
        drawing.text(left + 324, 28, said, "quiet", "end")
        for number, people in enumerate(dealt):
            y = 42 + 62 * number
            drawing.rect((left, y, 324, 50), "box")
            drawing.text(left + 12, y + 30, f"fold {number}", "quiet")
            for place, person in enumerate(people):
                x = left + 68 + 31 * place
                drawing.rect((x, y + 12, 26, 26), kinds[person], 13)
                drawing.text(x + 13, y + 29.5, person, "on head", "middle")
    return drawing


def scan() -> Drawing:
    """Overlapping windows, their scores, and the event that they become."""
    drawing = Drawing(720, 320, "How overlapping windows of a scan become an event")
    left, second = 120, 41.0
    scores = [0.05, 0.1, 0.35, 0.8, 0.9, 0.7, 0.3, 0.1, 0.05, 0.05, 0.05]
    drawing.text(24, 34, "recording")
    drawing.rect((left, 20, 14 * second, 20), "pale")
    drawing.rect((left + 6.2 * second, 20, 2.2 * second, 20), "warm")
    drawing.text(left + 7.3 * second, 35, "song", "on", "middle")
    drawing.text(24, 80, "windows")
    drawing.text(24, 97, "4 s, hop 1 s", "quiet")
    for number, score in enumerate(scores):
        y = 54 + 8 * number
        drawing.rect(
            (left + number * second, y, 4 * second, 6), "bar" if score >= 0.5 else "pale", 2
        )
    drawing.text(24, 190, "scores")
    base = 232
    for number, score in enumerate(scores):
        x = left + (number + 2) * second - 12
        kind = "bar" if score >= 0.5 else "pale"
        drawing.rect((x, base - 70 * score, 24, 70 * score), kind, 2)
    drawing.line([(left, base - 35), (left + 14 * second, base - 35)], "mark")
    drawing.text(left + 14 * second, base - 40, "threshold", "quiet", "end")
    drawing.line([(left, base), (left + 14 * second, base)], "rule")
    drawing.text(24, 268, "event")
    drawing.rect((left + 3 * second, 254, 6 * second, 20), "bar")
    drawing.text(left + 6 * second, 269, "0.9", "on head", "middle")
    for number in range(0, 15, 2):
        drawing.text(left + number * second, 304, f"{number} s", "quiet", "middle")
    return drawing


def pretraining() -> Drawing:
    """The first table of the results: cmAP by where the weights start."""
    text = (DOCS / "results.md").read_text(encoding="utf-8")
    table = text.partition("results.py: starts -->")[2].partition("<!-- end of starts")[0]
    row = re.compile(r"^\| ([\w ,]+) \| (\d\.\d+) \((\d\.\d+) to (\d\.\d+)\)", re.MULTILINE)
    drawing = Drawing(720, 206, "cmAP on threatened species of India, by where the weights start")
    drawing.text(24, 30, "cmAP on 11 threatened species of India, out of fold", "head")
    left, wide = 200, 470.0
    for number, (name, *values) in enumerate(row.findall(table)):
        value, low, high = map(float, values)
        y = 46 + 32 * number
        drawing.text(left - 12, y + 16, name, "", "end")
        drawing.rect((left, y, wide * value, 22), "bar" if "pretrained" in name else "pale", 2)
        drawing.line([(left + wide * low, y + 11), (left + wide * high, y + 11)], "line")
        drawing.text(left + wide * high + 8, y + 16, f"{value:.2f}")
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawing.text(left + wide * tick, 194, f"{tick:g}", "quiet", "middle")
    return drawing


PICTURES: dict[str, Callable[[], Drawing]] = {
    "run.svg": run,
    "clip.svg": clip,
    "folds.svg": folds,
    "scan.svg": scan,
    "pretraining.svg": pretraining,
}


def main() -> None:
    """Write every picture."""
    for name, draw in PICTURES.items():
        (FOLDER / name).write_text(draw().svg(), encoding="utf-8")


if __name__ == "__main__":
    main()
