"""A program that records at 25 frames a second until somebody kills it: `python -m ...camera FOLDER CODEC`.

It prints the number of each frame once the recorder has it.
"""

import sys
import threading
import time
from pathlib import Path

from tests.doubles.sessions import analyzer, frame, recorder


def main() -> None:
    """Record for at most a minute."""
    keeper = recorder(Path(sys.argv[1]), codec=sys.argv[2], wait=False)
    keeper.start()
    score = analyzer()
    pace, due_s = threading.Event(), time.monotonic()
    for index in range(1500):
        pace.wait(max(0.0, due_s - time.monotonic()))
        due_s = max(due_s, time.monotonic()) + 1 / 25  # what a busy machine made late is not made up for
        picture = frame(index)
        keeper.capture(picture)
        keeper.write(score.analyze(picture))
        sys.stdout.write(f"{index}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
