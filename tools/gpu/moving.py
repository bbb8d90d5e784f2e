"""Is it worth to cut the windows on the GPU, and to run the head there? Measured with PyTorch's own kernels.

Now: windows are cut into one array, copied to pinned memory, and go up (7.7 MB at 1920 x 1080). Otherwise:
the picture goes up (2.1 MB) and an index cuts it there. The head: PCA and Gaussians in double precision.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scanmon.lab.bench.pictures import pictures
from scanmon.scoring.windows import grid
from scanmon.scoring.windows import windows as cut
from tools.gpu.kit import QUICK, Report, manifolds, times_ms, windows


def cutting() -> dict[str, Any]:
    """Milliseconds until the windows lie on the device."""
    import torch

    on_card = torch.cuda.is_available()
    device = torch.device("cuda" if on_card else "cpu")
    picture = pictures(*((480, 360) if QUICK else (1920, 1080)), 1)[0]
    cells = grid(*picture.shape)
    kept = np.empty((len(cells), 224, 224), np.uint8)
    pinned = torch.empty((len(cells), 224, 224), dtype=torch.uint8, pin_memory=on_card)
    whole = torch.empty(picture.shape, dtype=torch.uint8, pin_memory=on_card)
    rows, columns = (torch.from_numpy(np.array(cells.corners[:, axis])).to(device) for axis in (0, 1))
    span = torch.arange(224, device=device)
    down = (rows[:, None] + span)[:, :, None].contiguous()
    across = (columns[:, None] + span)[:, None, :].contiguous()

    def done() -> None:
        if on_card:
            torch.cuda.synchronize()

    def here() -> None:
        cut(picture, cells, None, kept)
        np.copyto(pinned.numpy(), kept)
        pinned.to(device, non_blocking=True)
        done()

    def once() -> None:
        cut(picture, cells, None, pinned.numpy())
        pinned.to(device, non_blocking=True)
        done()

    def there() -> None:
        np.copyto(whole.numpy(), picture)
        whole.to(device, non_blocking=True)[down, across]
        done()

    return {
        "cut_copied_up": times_ms(here),
        "cut_into_pinned_up": times_ms(once),
        "cut_there": times_ms(there),
    }


def head() -> dict[str, Any]:
    """Milliseconds of the head for all windows, on the processor."""
    organs, z = manifolds(), np.random.default_rng(0).normal(size=(153, 768)).astype(np.float32)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    return times_ms(lambda: organs.fit(z))


def main() -> None:
    report = Report("moving")
    report.attempt("cutting", cutting)
    report.attempt("head", head)
    if QUICK:
        report.attempt("windows", lambda: windows(2).shape)


if __name__ == "__main__":
    main()
