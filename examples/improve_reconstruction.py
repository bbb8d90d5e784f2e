"""A reconstruction improved in a closed loop, with uLPIPS as a term of its loss.

    pip install "scanmon[build]"
    python improve_reconstruction.py CLEAN.png [STEPS]

The clean picture is reduced to half its size and brought back. Then its pixels are optimised on uLPIPS to
the clean picture, while the reduced picture has to stay what it was. The two lines say what improved and what
did not: uLPIPS is in the loss; PSNR, SSIM and NRQ are not.
"""

import sys

import cv2
import numpy as np
import torch

from scanmon.lab.compare.full_reference import psnr, ssim
from scanmon.lab.losses import SoftNrq, Ulpips

pixels = cv2.imread(sys.argv[1], cv2.IMREAD_GRAYSCALE)
pixels = pixels[: pixels.shape[0] // 2 * 2, : pixels.shape[1] // 2 * 2]
half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
start = cv2.resize(half, pixels.shape[::-1], interpolation=cv2.INTER_CUBIC)
clean, small, picture = (torch.from_numpy(x / np.float32(255))[None] for x in (pixels, half, start))
ulpips, nrq = Ulpips.of_bundle("default"), SoftNrq.of_bundle("default")
picture.requires_grad_()
optimizer = torch.optim.Adam([picture], lr=0.0003)


def show(when: str) -> None:
    with torch.no_grad():
        distance, score = ulpips(clean, picture).item(), nrq(picture).item()
    gray = np.rint(255 * picture.detach()[0].numpy().clip(0, 1)).astype(np.uint8)
    db, similar = psnr(pixels, gray), ssim(pixels, gray)
    print(f"{when}: ulpips {distance:.3e}, psnr {db:.2f} dB, ssim {similar:.4f}, nrq {score:.1f}")


show("before")
for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 25):
    kept = torch.nn.functional.avg_pool2d(picture[:, None], 2)[:, 0]
    loss = ulpips(clean, picture).sum() + 5 * (kept - small).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
show("after")
