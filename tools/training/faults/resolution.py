"""Lost resolution: defocus, aberration, motion, a picture scaled down."""

import torch
from torch import Tensor

from tools.training.faults.fields import as_gray, as_power, blurred, convolved, moved, resampled
from tools.training.faults.scene import Made, Scene


def _px(scene: Scene, share: float) -> float:
    return share * scene.size[0]


def lateral_blur(scene: Scene, level: Tensor) -> Made:
    """A beam that widens away from its focus."""
    focus, floor = scene.u(0.0, 1.0), scene.u(0.2, 0.8)
    widening = floor + (1.0 - floor) * (scene.depth - focus).abs() / torch.maximum(focus, 1.0 - focus)
    widest = _px(scene, 0.021) * (0.09 + 0.91 * level**1.4)
    middle = blurred(scene.gray, 0.4 * widest, 0.2, 14)
    wide = blurred(scene.gray, widest, scene.u(0.2, 0.8), 28)
    near = (widening / 0.4).clamp(0, 1)
    far = ((widening - 0.4) / 0.6).clamp(0, 1)
    return Made(scene.gray + near * (middle - scene.gray) + far * (wide - middle))


def defocus(scene: Scene, level: Tensor) -> Made:
    """Blur of any aspect, everywhere."""
    sigma = _px(scene, 0.012) * (0.06 + 0.94 * level**1.3)
    return Made(blurred(scene.gray, sigma * scene.u(0.3, 1.0), sigma * scene.u(0.3, 1.0), 14))


def aberration(scene: Scene, level: Tensor) -> Made:
    """Echoes smeared sideways by an uneven wavefront: a lopsided beam with side lobes, added in power."""
    radius, count, levels = 24, scene.count, level.shape[1]
    at = torch.arange(-radius, radius + 1, device=level.device, dtype=torch.float32)
    lobes = torch.exp(0.9 * scene.chance.normal(count, 1, at.numel()))
    reach = _px(scene, 0.02) * (0.05 + 0.95 * level.view(count, levels, 1))
    lean = scene.u(-0.5, 0.5).view(count, 1, 1)
    kernel = torch.exp(-(((at - lean * reach) / reach.clamp_min(0.25)).abs())) * lobes
    kernel = kernel / kernel.sum(2, keepdim=True)
    power = as_power(scene.gray, 2.0 * scene.db).expand(-1, levels, -1, -1)
    flat = convolved(power.reshape(1, count * levels, *scene.size), kernel.view(count * levels, -1), False)
    return Made(as_gray(flat.view(count, levels, *scene.size), 2.0 * scene.db))


def motion(scene: Scene, level: Tensor) -> Made:
    """The probe moves during the frame: a smear along a line of any direction."""
    reach = _px(scene, 0.045) * (0.04 + 0.96 * level**1.3)
    angle = scene.u(0.0, float(torch.pi))
    total = torch.zeros_like(scene.gray)
    for share in torch.linspace(-0.5, 0.5, 9).tolist():
        total = total + moved(scene.gray, share * reach * torch.cos(angle), share * reach * torch.sin(angle))
    return Made(total / 9.0)


def scaling(scene: Scene, level: Tensor) -> Made:
    """Shrunk by up to 4.5 and enlarged again on its way."""
    factor = 1.05 + _px(scene, 0.0075) * (0.04 + 0.96 * level)
    soft = blurred(scene.gray, 0.32 * factor, 0.32 * factor, 8)
    phase = scene.u(0.0, 3.0)
    return Made(resampled(resampled(soft, factor, 2, phase), factor, 3, phase))
