"""oscine: from field recordings to a bird-sound recogniser.

Example:
    recogniser = oscine.load("runs/demo/bundle/fold-0")
    detections = recogniser.scan("soundscape.ogg")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oscine.infer import Recogniser, ScoringConfig, load

__version__ = "0.1.0"

__all__ = ["Recogniser", "ScoringConfig", "__version__", "load"]


def __getattr__(name: str) -> Any:
    """Import what scans recordings when it is first asked for: `import oscine` stays light."""
    if name in {"Recogniser", "ScoringConfig", "load"}:
        from oscine import infer

        return getattr(infer, name)
    raise AttributeError(f"module 'oscine' has no attribute {name!r}")
