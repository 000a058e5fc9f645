"""How Sphinx makes the documentation a site: `make site`, then open site/index.html.

The pages are Markdown, as they read in the repository; the reference of the API comes from the
docstrings. The site asks the network for nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils.nodes import document
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.application import Sphinx

import oscine

project = "oscine"
author = "the oscine developers"
version = release = oscine.__version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["generate.py", "draw.py"]
# Links to a bare anchor; tests/docs/test_pages.py follows every link.
suppress_warnings = ["myst.xref_missing"]

myst_heading_anchors = 4

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "imported-members": True, "show-inheritance": True}
napoleon_numpy_docstring = False
napoleon_custom_sections = ["Shapes", "Source"]
napoleon_include_init_with_doc = False

html_theme = "furo"
html_title = f"oscine {release}"
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False


settings: dict[str, list[str]] = {}


def keep(_app: Sphinx, what: str, name: str, _thing: Any, _options: Any, lines: list[str]) -> None:
    """Remember what a setting means, before napoleon takes its words up to a colon for a type."""
    if what == "attribute":
        settings[name] = lines.copy()


def restore(
    _app: Sphinx, what: str, name: str, _thing: Any, _options: Any, lines: list[str]
) -> None:
    """Put it back."""
    if what == "attribute":
        lines[:] = settings.pop(name)


class NotebookParser(MystParser):  # type: ignore[misc]  # myst-parser's types are partial
    """Shows a notebook as a page: its words and its code; it is kept without outputs."""

    supported = ("notebook",)

    def parse(self, inputstring: str, document: document) -> None:
        """Write the cells as Markdown, and have it parsed."""
        parts = []
        for cell in json.loads(inputstring)["cells"]:
            text = "".join(cell["source"])
            parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
        name = Path(document["source"]).name
        parts.insert(1, f"{{download}}`Download this notebook <{name}>`")
        super().parse("\n\n".join(parts), document)


def setup(app: Sphinx) -> None:
    """Show notebooks, and stand before and behind napoleon, whose priority is 500."""
    app.add_source_suffix(".ipynb", "notebook")
    app.add_source_parser(NotebookParser)
    app.connect("autodoc-process-docstring", keep, priority=400)
    app.connect("autodoc-process-docstring", restore, priority=600)
