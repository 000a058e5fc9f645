"""First rows as HTML by great-tables, in the look of the page."""

from __future__ import annotations

import re

from great_tables import GT
from markupsafe import Markup

from oscine.report.blocks import DASH, Preview


def preview_html(preview: Preview) -> Markup:
    """Lay a table out.

    Args:
        preview: Its rows and caption.

    Returns:
        A `<table>`; texts in it are escaped.
    """
    rows = preview.rows
    numbers = [name for name, dtype in rows.schema.items() if dtype.is_numeric()]
    whole = [name for name in numbers if rows.schema[name].is_integer()]
    table = GT(rows, id=preview.name).tab_header(title=preview.caption)
    table = table.fmt_integer(whole) if whole else table
    fractions = [name for name in numbers if name not in whole]
    table = table.fmt_number(fractions, decimals=1) if fractions else table
    empty = [name for name in rows.columns if rows[name].null_count()]
    table = table.sub_missing(empty, missing_text=DASH) if empty else table
    table = table.cols_label({name: name.replace("_", " ") for name in rows.columns})
    if preview.note:
        table = table.tab_source_note(preview.note)
    # The style sheet before it stays behind: it is for a white page, and has rules for all rows of
    # a page. What is left takes the page's own style by the classes of great-tables.
    found = re.search(r"<table.*</table>", table.as_raw_html(), flags=re.DOTALL)
    assert found is not None, "great-tables gives a table"
    return Markup(found.group())
