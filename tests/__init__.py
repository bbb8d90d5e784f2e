"""Tests of scanmon."""

import os

# PyTorch's threads wait for each other by spinning: on small tensors, beside another process, nearly all of
# their time. Before anything imports it; programs that tests start have it from here, too.
os.environ.setdefault("OMP_NUM_THREADS", "1")
