"""The only floor that knows run folders: recipes, stages, fingerprints, resume."""

from oscine.pipeline.gallery import make_gallery
from oscine.pipeline.ledger import newest_run, read_ledger
from oscine.pipeline.recipe import Recipe, load_recipe, preset_names
from oscine.pipeline.run import plan, run

__all__ = [
    "Recipe",
    "load_recipe",
    "make_gallery",
    "newest_run",
    "plan",
    "preset_names",
    "read_ledger",
    "run",
]
