"""oscine: from field recordings to a bird-sound recogniser."""

__version__ = "0.1.0"
