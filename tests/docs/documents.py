"""The pages of the documentation, taken apart: fenced blocks, commands, tables, links.

A ```console block holds commands (`$ ...`) and, below each, lines of what they print; `...` in a
line stands for anything. A ```yaml block whose first line is `# NAME.yaml` is written to that
file. A ```python block whose first line is `# PATH.py` is an example of a module, which
test_extending.py puts in its place. Above a block may stand:

* `<!-- not run: REASON -->`: it is not run, and still parsed;
* `<!-- tests first: COMMAND -->`: what stands in for something that a reader has and the tests have
  not, such as a download;
* `<!-- tests add: WORDS -->`: what the tests type behind each `oscine run` of the block, so that it
  takes seconds and asks for no network.
"""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from oscine.config import Config

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TUTORIAL = "docs/tutorial.md"
REMARK = re.compile(r"<!-- (not run|tests first|tests add): (.+) -->")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Args:
        page: Path of the page, relative to the repository.
        line: Where it starts, counted from 1.
        language: What stands behind the fence.
        text: What is in it.
        remarks: What stands above it for the tests, by kind.
    """

    page: str
    line: int
    language: str
    text: str
    remarks: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def not_run(self) -> str | None:
        """Why it is not run; None: it is."""
        return self.remarks.get("not run")

    @property
    def is_run(self) -> bool:
        """Whether a reader's workshop runs it."""
        runs = self.language in {"console", "python"} and self.place is None
        return runs and self.not_run is None

    @property
    def file_name(self) -> str | None:
        """The file that a YAML block is written to."""
        found = re.match(r"# (\S+\.yaml)\n", self.text)
        return found[1] if self.language == "yaml" and found else None

    @property
    def place(self) -> str | None:
        """The file of the sources that a Python block is an example of."""
        found = re.match(r"# (\S+\.py)\n", self.text)
        return found[1] if self.language == "python" and found else None

    def commands(self) -> list[tuple[str, list[str]]]:
        """Give each command of a console block, with the lines that it is said to print."""
        found: list[tuple[str, list[str]]] = []
        for line in self.text.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            elif line.strip():
                found[-1][1].append(line)
        return found


def pages() -> list[str]:
    """List every page, the generated ones too."""
    found = [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def page_text(page: str) -> str:
    """Read a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str | None = None) -> list[Block]:
    """Find the fenced blocks of a page, of one language or all."""
    found, opened, remarks = [], None, {}
    lines = page_text(page).splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.lstrip().startswith("```"):
            if opened is None and line.strip():
                remark = REMARK.fullmatch(line.strip())
                remarks = {**remarks, remark[1]: remark[2]} if remark else {}
        elif opened is None:
            opened = number
        else:
            text = textwrap.dedent("\n".join([*lines[opened : number - 1], ""]))
            name = lines[opened - 1].strip().removeprefix("```")
            found.append(Block(page, opened, name, text, remarks))
            opened, remarks = None, {}
    assert opened is None, f"{page}:{opened}: the block is not closed"
    return [block for block in found if language in (None, block.language)]


def all_blocks(language: str) -> list[Block]:
    """Find the blocks of a language on every page."""
    return [block for page in pages() for block in blocks(page, language)]


def oscine_commands() -> Iterator[tuple[str, list[str]]]:
    """Give every `oscine ...` command of every page: where it stands, and its words."""
    for block in all_blocks("console"):
        for command, _ in block.commands():
            for words in _simple_commands(command):
                if words[0] == "oscine":
                    yield str(block), words[1:]


def _simple_commands(command: str) -> Iterator[list[str]]:
    """Part a line of shell at its pipes and its `;`, `&&` and `||`."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|&;")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= set("|&;"):
            if words:
                yield words
            words = []
        else:
            words.append(word)


def tables(page: str) -> list[list[list[str]]]:
    """Find the tables of a page: rows of cells, the head first."""
    found: list[list[list[str]]] = [[]]
    for line in page_text(page).splitlines():
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            found[-1].append([cell.strip() for cell in cells])
        elif found[-1]:
            found.append([])
    return [[table[0], *table[2:]] for table in found if table]


def code_words(cell: str) -> list[str]:
    """Give what stands in backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def setting_exists(kind: type[Config], dotted: str) -> bool:
    """Tell whether a recipe has a setting of this name; a place in a list is a number or N."""
    at: Any = kind
    for name in dotted.split("."):
        if not isinstance(at, type) and get_origin(at) is tuple:
            if not (name.isdigit() or name == "N"):
                return False
            at = get_args(at)[0]
            continue
        config = _config(at)
        if config is None or name not in config.model_fields:
            return False
        at = config.model_fields[name].annotation
    return True


def _config(annotation: Any) -> type[Config] | None:
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, Config) else None
    return next((one for part in get_args(annotation) if (one := _config(part))), None)
