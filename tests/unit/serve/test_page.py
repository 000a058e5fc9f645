from __future__ import annotations

import re
from pathlib import Path

from oscine.infer import load
from oscine.serve.page import render_page
from synthetic import make_bundle


def test_the_page_says_what_the_bundle_knows_and_asks_no_other_server(tmp_path: Path) -> None:
    page = render_page(load(make_bundle(tmp_path / "b", n_classes=7).path))
    assert "7 species, windows of 1 s" in page
    assert not re.search(r"https?://|//cdn", page)
