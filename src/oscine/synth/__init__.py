"""The synthetic chorus: a seeded data set in BirdCLEF's layout, made by numpy alone."""

from oscine.synth.chorus import SynthReport, render
from oscine.synth.config import SIZES, SynthConfig, sized

__all__ = ["SIZES", "SynthConfig", "SynthReport", "render", "sized"]
