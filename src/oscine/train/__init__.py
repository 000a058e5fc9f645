"""Fitting one stage: data, module, optimiser, state, tracking (torch and Lightning)."""
