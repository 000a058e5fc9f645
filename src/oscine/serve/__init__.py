"""A bundle behind HTTP: one page for people, one route for programs."""

from oscine.serve.app import ServeConfig, create_app

__all__ = ["ServeConfig", "create_app"]
