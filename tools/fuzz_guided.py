"""`python -m tools.fuzz_guided TARGET SECONDS`: mutants are kept where they reach code that none reached.

A process of its own: what is to be seen must be imported under atheris, and atheris ends the process. `all`
imports once and forks for each target.
"""

import os
import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("error: atheris is not installed, pip install atheris")

with atheris.instrument_imports(include=["scanmon"]):
    from scanmon.core.errors import ScanmonError
    from tools.fuzz_targets import TARGETS


def main(name: str, seconds: str) -> None:
    with TARGETS[name]() as target, tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.seeds):
            (Path(corpus) / str(number)).write_bytes(seed)

        def one(data: bytes) -> None:
            try:
                target.parse(data)
            except ScanmonError:
                return

        one(target.seeds[0])  # what it imports and starts is not what takes too long
        limits = [f"-max_total_time={seconds}", "-timeout=30", "-rss_limit_mb=2048", "-max_len=200000"]
        atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix=fuzz-{name}-", corpus], one)
        atheris.Fuzz()


def every(seconds: str) -> int:
    """Exit code 1 where a target had a fault."""
    failed = 0
    for name in TARGETS:
        print(f"{name}:", file=sys.stderr, flush=True)
        child = os.fork()
        if not child:
            main(name, seconds)
        failed += os.waitpid(child, 0)[1] != 0
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1] == "all":
        sys.exit(every(sys.argv[2]))
    main(sys.argv[1], sys.argv[2])
