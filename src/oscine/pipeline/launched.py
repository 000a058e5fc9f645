"""A run of which a launcher (torchrun, srun) started several processes, on one or more machines.

The first of them runs all stages; the others wait, and take part in its fits. All read the same run
folder, so that each finds what the stages below left.
"""

from __future__ import annotations

from oscine.core import TrainingError
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages import fits
from oscine.train.world import World


def join(recipe: Recipe, folder: RunFolder) -> None:
    """Bring the processes together; all but the first stay in here until the run is done.

    Args:
        recipe: What is run.
        folder: The run folder.

    Raises:
        SystemExit: This is not the first process, and the run is done.
        TrainingError: This is not the first process, and the first one has ended before its time.
    """
    world = World.here()
    if world.size == 1:
        return
    from oscine.train.collectives import connect, from_first
    from oscine.train.devices import find_device

    connect(world, find_device(recipe.devices, world).kind)
    if world.first:
        return
    while True:
        try:
            name = from_first("")
        except RuntimeError as error:
            raise TrainingError(
                "the first process of the run has ended", where=folder.path, fix="see its log"
            ) from error
        if not name:
            raise SystemExit(0)
        fits.take_part(folder, name)


def dismiss() -> None:
    """Tell the other processes that the run is done."""
    if World.here().size > 1:
        from oscine.train.collectives import disconnect, from_first

        from_first("")
        disconnect()
