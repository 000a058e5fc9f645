"""Lightning's trainer for a fit, and what keeps the weights of its processes alike.

Each process computes the gradient of its share of a batch; their mean is that of the whole batch,
since a share's loss is scaled to it (`FitModule`), and norms are taken over all shares.

Source: Li et al. (2020), "PyTorch Distributed: experiences on accelerating data parallel training".
"""

from __future__ import annotations

import logging

import lightning
import torch
from lightning.fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from lightning.pytorch.strategies import DDPStrategy

from oscine.model.classifier import Classifier
from oscine.train.devices import Device
from oscine.train.job import FitJob
from oscine.train.tracking import make_loggers


def make_trainer(
    job: FitJob, device: Device, epochs: int, model: Classifier, callbacks: list[lightning.Callback]
) -> lightning.Trainer:
    """Build the trainer of a fit.

    Args:
        job: The fit.
        device: What it runs on, in all processes.
        epochs: How many are left.
        model: What is trained.
        callbacks: What happens around its steps.
    """
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return lightning.Trainer(
        accelerator=device.kind,
        devices=device.count // device.machines,
        num_nodes=device.machines,
        strategy="auto" if device.count == 1 else _in_step(job, model),
        precision=device.precision(job.config.precision),  # type: ignore[arg-type]
        max_epochs=epochs,
        logger=make_loggers(job),
        callbacks=callbacks,
        gradient_clip_val=job.config.optimizer.gradient_clip,
        accumulate_grad_batches=job.config.optimizer.accumulate,
        reload_dataloaders_every_n_epochs=1,
        use_distributed_sampler=False,
        deterministic="warn",
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        default_root_dir=job.folder,
    )


def _in_step(job: FitJob, model: Classifier) -> DDPStrategy:
    warms_up = job.config.optimizer.head_warmup_epochs > 0  # the backbone has no gradients then
    return DDPStrategy(
        # The processes are there already, and the environment says so as torchrun's does.
        cluster_environment=TorchElasticEnvironment(),
        find_unused_parameters=warms_up or leaves_some_out(model, job.spec.image_shape),
        broadcast_buffers=False,  # those of the norms are alike
        gradient_as_bucket_view=True,
    )


def leaves_some_out(model: Classifier, image_shape: tuple[int, int, int]) -> bool:
    """Tell whether a model has parameters that its output does not depend on, as some backbones do.

    Args:
        model: Left as it was.
        image_shape: Channels, mel bands and frames of the images.
    """
    was_training = model.training
    logits = model.eval()(torch.zeros(1, *image_shape))
    model.train(was_training)
    gradients = torch.autograd.grad(logits.sum(), list(model.parameters()), allow_unused=True)
    return any(gradient is None for gradient in gradients)
