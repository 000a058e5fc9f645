"""The synthetic chorus: a seeded data set in BirdCLEF's layout, made by numpy alone."""

from oscine.synth.config import SIZES, SynthConfig, sized
from oscine.synth.render import SynthReport, render

__all__ = ["SIZES", "SynthConfig", "SynthReport", "render", "sized"]
