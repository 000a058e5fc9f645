"""The only floor that knows run folders: recipes, stages, fingerprints, resume."""

from oscine.pipeline.recipe import Recipe, load_recipe, preset_names
from oscine.pipeline.run import plan, run

__all__ = ["Recipe", "load_recipe", "plan", "preset_names", "run"]
