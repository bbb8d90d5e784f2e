"""The sector network: where the image is, what lies over it, and what kind of picture it is."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.training.sector.screens import KINDS

MAPS = ("image", "seam", "text", "panel")
_WIDTHS = (12, 24, 40, 56, 56)


def _norm(out: int) -> nn.Module:
    return nn.BatchNorm2d(out)


class _Down(nn.Sequential):
    def __init__(self, into: int, out: int) -> None:
        super().__init__(nn.Conv2d(into, out, 3, 2, 1, bias=False), _norm(out), nn.ReLU(inplace=True))


class _Block(nn.Module):
    """Depthwise, then pointwise, added to what came in."""

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, size, 1, size // 2, groups=width, bias=False),
            _norm(width),
            nn.Conv2d(width, width, 1, bias=False),
            _norm(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.body(x))


class SectorNet(nn.Module):
    """(n, 3, HIGH, WIDE) levels 0 to 255 -> maps (n, 4, HIGH, WIDE) and kinds (n, 6), as logits."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d, e = _WIDTHS
        self.stem = _Down(4, a)
        self.first = _Block(a, 3)
        self.down2, self.second = _Down(a, b), nn.Sequential(_Block(b, 5))
        self.down3, self.third = _Down(b, c), nn.Sequential(_Block(c, 5), _Block(c, 5))
        self.down4, self.fourth = _Down(c, d), nn.Sequential(_Block(d, 5), _Block(d, 5))
        self.down5, self.fifth = _Down(d, e), _Block(e, 5)
        self.all = nn.Linear(e, e)
        self.kinds = nn.Linear(b + c + d + e, len(KINDS))
        self.to4, self.up4 = nn.Conv2d(e, d, 1), _Block(d, 5)
        self.to3, self.up3 = nn.Conv2d(d, c, 1), _Block(c, 5)
        self.to2, self.up2 = nn.Conv2d(c, b, 1), _Block(b, 5)
        self.to1, self.up1 = nn.Conv2d(b, a, 1), _Block(a, 3)
        self.head = nn.Conv2d(a, 4 * len(MAPS), 1)

    def forward(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        level, spread, chroma = levels[:, 0:1], levels[:, 1:2], levels[:, 2:3]
        faint = torch.log(level + 1) / 5.55
        x = torch.cat([level / 255, faint, torch.log(spread + 1) / 5.55, chroma / 128], 1)
        s1 = self.first(self.stem(x))
        s2 = self.second(self.down2(s1))
        s3 = self.third(self.down3(s2))
        s4 = self.fourth(self.down4(s3))
        s5 = self.fifth(self.down5(s4))
        whole = s5.mean((2, 3))
        kinds = self.kinds(torch.cat([s2.mean((2, 3)), s3.mean((2, 3)), s4.mean((2, 3)), whole], 1))
        x = functional.relu(s5 + self.all(whole)[:, :, None, None])
        x = self.up4(functional.relu(s4 + _twice(self.to4(x))))
        x = self.up3(functional.relu(s3 + _twice(self.to3(x))))
        x = self.up2(functional.relu(s2 + _twice(self.to2(x))))
        x = self.up1(functional.relu(s1 + _twice(self.to1(x))))
        return functional.pixel_shuffle(self.head(x), 2), kinds


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


class Deployed(nn.Module):
    """What the file holds: (1, 3, HIGH, WIDE) uint8 -> (1, 4 * HIGH * WIDE + 6) chances of maps and kinds."""

    def __init__(self, net: SectorNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, levels: Tensor) -> Tensor:
        maps, kinds = self.net(levels.float())
        return torch.cat([torch.sigmoid(maps).flatten(1), torch.softmax(kinds, 1)], 1)
