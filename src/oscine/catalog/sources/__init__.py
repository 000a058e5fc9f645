"""One module each kind of catalog; all declare KIND, DESCRIPTION and read.

They know nothing of each other: `oscine.catalog.registry` gathers them.
"""

__all__: list[str] = []
