"""The one page: drop a recording, see the detections. No scripts or fonts from elsewhere."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from oscine.infer import Recogniser


def render_page(recogniser: Recogniser) -> str:
    """Fill in `page.html` for a bundle."""
    ensemble = recogniser.ensemble
    page = Template((files("oscine.serve") / "page.html").read_text(encoding="utf-8"))
    return page.substitute(
        n_species=len(ensemble.species),
        window_s=f"{ensemble.n_samples / ensemble.sample_rate:g}",
    )
