"""Write the network file that the package carries.

python -m tools.training.sector.export FOLDER/sector.pt [--out scanmon/picture/sector.onnx]
"""

import argparse
from pathlib import Path

import torch

from scanmon.picture.region.look import HIGH, WIDE
from tools.training.export import exported
from tools.training.sector.net import Deployed, SectorNet


def network(weights: Path) -> bytes:
    """The network as ONNX, with the number of screens it has seen."""
    stored = torch.load(weights, map_location="cpu", weights_only=True)
    net = SectorNet()
    net.load_state_dict(stored["net"])
    model = exported(Deployed(net), (1, 3, HIGH, WIDE), ("levels", "seen"))
    model.metadata_props.add(key="screens", value=str(stored["screens"]))
    return bytes(model.SerializeToString())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--out", type=Path, default=Path("scanmon/picture/sector.onnx"))
    options = parser.parse_args()
    options.out.write_bytes(network(options.weights))


if __name__ == "__main__":
    main()
