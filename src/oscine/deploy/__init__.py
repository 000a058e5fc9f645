"""Bundles on machines without a network: one folder with wheels, bundles and a notebook."""

from oscine.deploy.packing import PackConfig, Packed, pack

__all__ = ["PackConfig", "Packed", "pack"]
