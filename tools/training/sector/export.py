"""Write the network file that the package carries.

python -m tools.training.sector.export FOLDER/sector.pt [--out scanmon/picture/sector.onnx]
"""

import argparse
import tempfile
from pathlib import Path

import onnx
import torch

from tools.training.sector.net import Deployed, SectorNet, example

OPSET = 17


def exported(weights: Path) -> bytes:
    """The network as ONNX; batch norms are folded into the convolutions."""
    stored = torch.load(weights, map_location="cpu", weights_only=True)
    net = SectorNet()
    net.load_state_dict(stored["net"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sector.onnx"
        torch.onnx.export(
            Deployed(net.eval()).eval(),
            (example(),),
            path,
            input_names=["levels"],
            output_names=["seen"],
            opset_version=OPSET,
            dynamo=False,
        )
        model = onnx.load(path)
    model.metadata_props.add(key="screens", value=str(stored["screens"]))
    return bytes(model.SerializeToString())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--out", type=Path, default=Path("scanmon/picture/sector.onnx"))
    options = parser.parse_args()
    options.out.write_bytes(exported(options.weights))


if __name__ == "__main__":
    main()
