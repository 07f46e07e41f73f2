"""Runs one program in its own environment and answers with JSON lines.

    python -I serve.py WORKER.py '{"name of weights": "folder"}'

WORKER.py defines ``load(weights)``, which returns a function from the path of a 16 kHz mono WAV
to what was heard in it. After loading, ``{"ready": true}`` is written; after that one line for
every line read: ``{"audio": path}`` is answered with what the function returned, or with
``{"error": text}``. Standard library only, and nothing of this project.
"""

import json
import os
import runpy
import sys
import traceback
from typing import Any


def _refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    # Local sockets have a path for an address; those of a network, a tuple.
    is_connection = event == "socket.connect" and isinstance(arguments[1], tuple)
    if is_connection or event == "socket.getaddrinfo":
        raise PermissionError("the network is off while programs are compared")


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What libraries print must not get between the answers.
    os.dup2(2, 1)
    sys.addaudithook(_refuse_network)

    def say(document: dict[str, Any]) -> None:
        answers.write(json.dumps(document) + "\n")
        answers.flush()

    worker, weights = sys.argv[1:]
    hear = runpy.run_path(worker)["load"](json.loads(weights))
    say({"ready": True})
    for line in sys.stdin:
        try:
            say(hear(json.loads(line)["audio"]))
        except Exception as error:  # noqa: BLE001 - the other recordings shall have their turn
            traceback.print_exc()
            say({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
