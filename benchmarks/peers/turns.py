"""How a peer takes turns: one JSON request a line comes in, one JSON answer a line goes out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any


def answer(tasks: Mapping[str, Callable[..., Any]]) -> None:
    """Answer requests until the benchmark closes the pipe.

    Args:
        tasks: By name; a request holds the name as `task`, and the arguments.
    """
    # Libraries print; only answers may go where the benchmark reads.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        found = tasks[request.pop("task")](**request)
        answers.write(json.dumps(found) + "\n")
        answers.flush()
