"""What is no ultrasound picture: black, flat, noise, air, test patterns, pages of text, photographs."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from tools.training.faults import KINDS
from tools.training.faults.contact import rings
from tools.training.faults.fields import as_gray, blurred, decibel, speckle
from tools.training.faults.scene import Scene

Maker = Callable[[Scene], Tensor]


def _black(scene: Scene) -> Tensor:
    noise = scene.noise() * scene.u(0.0, 2.5)
    return noise + scene.u(0.0, 20.0)


def _flat(scene: Scene) -> Tensor:
    return scene.u(20.0, 250.0).expand(-1, -1, *scene.size)


def _white(scene: Scene) -> Tensor:
    return scene.u(235.0, 300.0).expand(-1, -1, *scene.size)


def _noise(scene: Scene) -> Tensor:
    rough = blurred(scene.noise(), scene.u(0.1, 4.0), scene.u(0.1, 2.5), 12)
    rough = rough / rough.std((2, 3), keepdim=True).clamp_min(1e-4)
    return scene.u(0.0, 200.0) + scene.u(4.0, 90.0) * rough


def _speckle(scene: Scene) -> Tensor:
    power = speckle(scene, scene.u(0.1, 2.2), scene.u(0.1, 3.5))
    growth = decibel(scene.u(-20.0, 30.0) * (scene.depth - 1.0))
    return as_gray(power * growth * decibel(scene.u(-50.0, -5.0)), scene.db)


def _air(scene: Scene) -> Tensor:
    noise = speckle(scene, scene.u(0.2, 1.0), scene.u(0.2, 1.5))
    floor = noise * decibel(scene.u(-75.0, -45.0) + 12.0 * (scene.depth - 1.0))
    uneven = 0.4 + 0.6 * scene.smooth(1, 5)
    return as_gray(rings(scene) * uneven * decibel(scene.u(-24.0, 4.0)) + floor, scene.db)


def _bars(scene: Scene) -> Tensor:
    steps = torch.floor(scene.lateral * scene.u(4.0, 12.0))
    shade = (torch.sin(steps * scene.u(1.0, 9.0) + scene.u(0.0, 6.0)) * 0.5 + 0.5) * 255.0
    ramp = scene.lateral * scene.u(-255.0, 255.0) + scene.depth * scene.u(-255.0, 255.0)
    return torch.where(scene.depth < scene.u(0.5, 1.2), shade, ramp + scene.u(0.0, 200.0))


def _grid(scene: Scene) -> Tensor:
    period, line = scene.u(0.02, 0.2), scene.u(0.03, 0.5)
    across, down = (scene.lateral / period) % 1.0, (scene.depth / period) % 1.0
    crossed = (across < line) | (down < line)
    checker = (across < 0.5) ^ (down < 0.5)
    chosen = torch.where(scene.flag(0.5), crossed, checker)
    one, two = scene.u(0.0, 120.0), scene.u(100.0, 255.0)
    return torch.where(chosen, two, one)


def _text(scene: Scene) -> Tensor:
    height, width = scene.size
    rows, columns = max(height // int(scene.chance.rng.integers(12, 34)), 2), width // 5
    ink = torch.rand(
        scene.count, 1, rows * 5, columns, generator=scene.chance.generator, device=scene.gray.device
    )
    lines = (torch.arange(rows * 5, device=ink.device) % 5 < 3)[:, None] & (ink < 0.45)
    words = scene.chance.smooth(scene.count, (rows * 5, columns), (rows, 9)) > 0.4
    page = functional.interpolate((lines & words).float(), scene.size, mode="nearest")
    paper = scene.u(0.0, 220.0)
    return paper + page * torch.where(paper > 110.0, -paper, 255.0 - paper)


def _photograph(scene: Scene) -> Tensor:
    height, width = scene.size
    down = torch.fft.fftfreq(height, device=scene.gray.device)[:, None]
    across = torch.fft.rfftfreq(width, device=scene.gray.device)[None, :]
    fall = torch.sqrt(down**2 + across**2).clamp_min(1.0 / height) ** -1.4
    spectrum = torch.fft.rfft2(scene.chance.normal(scene.count, 1, height, width)) * fall
    scenery = torch.fft.irfft2(spectrum, s=(height, width))
    scenery = scenery / scenery.std((2, 3), keepdim=True)
    objects = (scene.smooth(5, 6) > 0.55).float()
    shaded: Tensor = scene.u(60.0, 180.0) + scene.u(20.0, 60.0) * (scenery + scene.u(-2.0, 2.0) * objects)
    return shaded


MAKERS: tuple[tuple[Maker, str], ...] = (
    (_black, "light"), (_flat, "capture"), (_white, "saturation"), (_noise, "noise"), (_speckle, "noise"),
    (_air, "contact"), (_air, "contact"), (_bars, "capture"), (_grid, "capture"), (_text, "capture"),
    (_photograph, "capture"),
)  # fmt: skip


def negatives(scene: Scene) -> tuple[Tensor, Tensor]:
    """One negative for each picture of a scene, whose content is not used, only its sector.

    Gray (g, 1, H, W) 0..255, and numbers of kinds (g,) int64.
    """
    first = int(scene.chance.rng.integers(len(MAKERS)))
    shown, kinds = [], []
    for number in range(scene.count):
        maker, kind = MAKERS[(first + number) % len(MAKERS)]
        shown.append(maker(scene.part(slice(number, number + 1))))
        kinds.append(KINDS.index(kind))
    return torch.cat(shown).clamp(0.0, 255.0), torch.tensor(kinds, device=scene.gray.device)
