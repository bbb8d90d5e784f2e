"""The severity map: a small fully convolutional network, gray in, severities 0..1 per 16 x 16 pixels out.

The total severity, one for each kind of fault, and a few numbers by which a foreign picture is told.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

EMPTY = 0.6
"""Logit that a cell without any echo has more. The network has seen few pictures that are darker still than
dark; where black cannot get blacker, this keeps the order. Chosen on held-back training pictures."""
KINDS, FEATURES = 7, 32
EMPTY_BELOW = 0.01
"""Gray (0..1) below which there is no echo."""


class Step(nn.Sequential):
    """Convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, dilation: int = 1, size: int = 3) -> None:
        pad = dilation * (size // 2)
        super().__init__(
            nn.Conv2d(inputs, outputs, size, stride, pad, dilation, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class Residual(nn.Module):
    """Two steps beside a shortcut."""

    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = Step(width, width)
        self.second = nn.Sequential(
            nn.Conv2d(width, width, 3, 1, dilation, dilation, bias=False), nn.BatchNorm2d(width)
        )

    def begin_with_nothing(self) -> None:
        """Let the block pass its input on until it has learned."""
        last = self.second[-1]
        assert isinstance(last, nn.BatchNorm2d)
        nn.init.zeros_(last.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) -> same shape."""
        added: Tensor = x + self.second(self.first(x))
        return functional.relu(added)


class Surroundings(nn.Module):
    """What the whole picture looks like, given to every place: mean and root mean square over the sector.

    A dark place is a fault in a bright picture and tissue in a dark one; only the whole tells which. The
    largest cell, instead of the mean square, let one faulty place raise the severity everywhere.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(2 * width + 1, width)
        self.spread = nn.Linear(width, width)

    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        """(n, c, h, w) features and (n, 1, h, w) share inside the sector -> (n, c, 1, 1) to be added."""
        share = inside.mean((2, 3))
        mean = (x * inside).mean((2, 3)) / (share + 0.01)
        most = torch.sqrt((x * x * inside).mean((2, 3)) / (share + 0.01) + 1e-6)
        mixed = functional.relu(self.squeeze(torch.cat([mean, most, share], 1)))
        added: Tensor = self.spread(mixed)
        return added[:, :, None, None]


class Strips(nn.Module):
    """The means of every column and every row over the sector's cells, given to each place in them.

    A shadow is a column that went dark, a wrong time gain a row: what lies beside it in depth and sideways
    tells it from dark tissue. Adds nothing before it has learned.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.along = nn.Conv2d(width + 1, width, (1, 3), padding=(0, 1))
        self.down = nn.Conv2d(width + 1, width, (3, 1), padding=(1, 0))
        self.mix = nn.Conv2d(3 * width + 1, width, 1)
        nn.init.zeros_(self.mix.weight)
        assert self.mix.bias is not None
        nn.init.zeros_(self.mix.bias)

    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        """(n, c, h, w) features and (n, 1, h, w) share inside the sector -> same shape, to be added."""
        seen = x * inside
        column, row = inside.mean(2, keepdim=True), inside.mean(3, keepdim=True)
        columns = torch.cat([seen.mean(2, keepdim=True) / (column + 0.02), column], 1)
        rows = torch.cat([seen.mean(3, keepdim=True) / (row + 0.02), row], 1)
        beside = functional.relu(self.along(columns)).expand_as(x)
        depth = functional.relu(self.down(rows)).expand_as(x)
        added: Tensor = self.mix(torch.cat([x, beside, depth, inside], 1))
        return added


class Statistics(nn.Module):
    """What is known to tell a fault, at a stride of 8: energies of fine and coarse detail, black, white.

    A convolution has to learn a logarithm of an energy slowly; here it is given. Differences sideways, in
    depth and diagonal, at full (in pairs of pixels), half and quarter resolution; for each the log of the
    mean square and of the largest.
    """

    channels = 3 * 3 * 2 + 5
    detail: Tensor

    def __init__(self) -> None:
        super().__init__()
        detail = torch.tensor(
            [[[1, -1], [1, -1]], [[1, 1], [-1, -1]], [[1, -1], [-1, 1]]], dtype=torch.float32
        )
        self.register_buffer("detail", detail[:, None] / 4.0, persistent=False)
        self.even = nn.BatchNorm2d(self.channels)

    def forward(self, gray: Tensor) -> Tensor:
        """(n, 1, H, W) gray 0..1, H and W multiples of 16 -> (n, channels, H / 8, W / 8)."""
        half = functional.avg_pool2d(gray, 2)
        quarter = functional.avg_pool2d(half, 2)
        sizes = (
            (functional.conv2d(gray, self.detail, stride=2), 4),
            (functional.conv2d(functional.pad(half, (0, 1, 0, 1), mode="replicate"), self.detail), 4),
            (functional.conv2d(functional.pad(quarter, (0, 1, 0, 1), mode="replicate"), self.detail), 2),
        )
        found = []
        for size, cell in sizes:
            energy = size * size
            found += [
                0.5 * torch.log(functional.avg_pool2d(energy, cell) + 1e-6),
                0.5 * torch.log(functional.max_pool2d(energy, cell) + 1.6e-5),
            ]
        found += [
            functional.avg_pool2d(quarter, 2),
            functional.max_pool2d(half, 4),
            -functional.max_pool2d(-half, 4),
            functional.avg_pool2d((gray < EMPTY_BELOW).float(), 8),
            functional.avg_pool2d((gray > 0.985).float(), 8),
        ]
        evened: Tensor = self.even(torch.cat(found, 1))
        return evened


class MapNet(nn.Module):
    """Strides 2, 4, 8, 16; about 600,000 numbers. Processors compute multiples of 16 channels anyway."""

    def __init__(self, widths: tuple[int, int, int, int, int] = (16, 32, 32, 64, 80)) -> None:
        super().__init__()
        one, two, fine, three, four = widths
        self.statistics = Statistics()
        self.fine = nn.Sequential(
            Step(1, one, 2, size=5), Step(one, two, 2), Step(two, two), Step(two, fine, 2)
        )
        self.middle = nn.Sequential(Step(fine + Statistics.channels, three, size=1), Residual(three))
        self.coarse = nn.Sequential(Step(three, four, 2), Residual(four))
        self.surroundings = Surroundings(four)
        self.strips = Strips(four)
        self.wide = Residual(four, dilation=2)
        self.far = Residual(four, dilation=4)
        self.far.begin_with_nothing()
        self.head = nn.Sequential(Step(four, 48, size=1), nn.Conv2d(48, 1 + KINDS, 1))
        self.sight = nn.Linear(2 * (three + four), FEATURES)
        self.sight.requires_grad_(False)  # fitted after the training, to the clean pictures of it

    def seen(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, H, W) uint8, H and W multiples of 16 -> what the head judges by (n, c, H / 16, W / 16).

        Also what was seen on the way: (n, c', H / 8, W / 8) and (n, c, H / 16, W / 16). 0 is outside the
        sector; inside it black is 1, so that a shadow is not taken for the surround.
        """
        gray = pictures.unsqueeze(1).float() * (1.0 / 255.0)
        inside = functional.avg_pool2d((gray > 0).float(), 16)
        with torch.autocast(gray.device.type, enabled=False):
            known = self.statistics(gray)
        early = self.middle(torch.cat([self.fine((gray - 0.22) * 4.0), known], 1))
        x = self.coarse(early)
        late = functional.relu(x + self.surroundings(x, inside) + self.strips(x, inside))
        found: Tensor = self.far(self.wide(late))
        return found, early, late

    def logits(self, pictures: Tensor) -> Tensor:
        """(n, H, W) uint8, H and W multiples of 16 -> (n, H / 16, W / 16) logits of the total severity."""
        return self.judged(self.seen(pictures)[0], pictures)[:, 0]

    def judged(self, seen: Tensor, pictures: Tensor) -> Tensor:
        """(n, 1 + KINDS, H / 16, W / 16) logits of pictures of which `seen` is known already."""
        gray = pictures.unsqueeze(1).float() * (1.0 / 255.0)
        empty = functional.avg_pool2d(((gray > 0) & (gray < EMPTY_BELOW)).float(), 16)
        found: Tensor = self.head(seen)
        return torch.cat([found[:, :1] + EMPTY * empty, found[:, 1:]], 1)

    def pooled(self, early: Tensor, late: Tensor, pictures: Tensor) -> Tensor:
        """(n, 2 (c' + c)) mean and spread over the sector of what was seen on the way."""
        gray = pictures.unsqueeze(1).float()
        found = []
        for seen, cell in ((early.float(), 8), (late.float(), 16)):
            inside = functional.avg_pool2d((gray > 0).float(), cell)
            share = inside.mean((2, 3)) + 0.001
            mean = (seen * inside).mean((2, 3)) / share
            square = (seen * seen * inside).mean((2, 3)) / share
            found += [mean, torch.sqrt((square - mean * mean).clamp_min(0.0) + 1e-4)]
        return torch.cat(found, 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """(n, H, W) uint8, from 16 pixels on -> severities (n, 1 + KINDS, h, w) 0..1, features (n, FEATURES).

        h = ceil(H / 16); the first severity is the total, the others are by kind.
        """
        height, width = pictures.shape[1], pictures.shape[2]
        below, beside = (-height) % 16, (-width) % 16
        padded = functional.pad(pictures[:, None].float(), (0, beside, 0, below), mode="replicate")[:, 0]
        found, early, late = self.seen(padded)
        severity = torch.sigmoid(self.judged(found, padded).float())
        return severity, self.sight(self.pooled(early, late, padded))
