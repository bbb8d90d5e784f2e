"""A trained map as ONNX: `python -m tools.export_map map.pt --data PACK.npz --out severity.onnx`.

Fits the features of familiarity to the clean pictures of the training, then writes the averaged network.
"""

import argparse
from pathlib import Path

import torch

from tools.training.export import export_map, trained_map
from tools.training.sight import fit_sight
from tools.training.store import packed, store_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("states", type=Path, nargs="+", help="the mean of several is taken")
    parser.add_argument("--data", type=Path, required=True, help="file made by tools.training.pack")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=2000, help="clean ones, for the features")
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = trained_map(options.states).to(device)
    fit_sight(net, store_of(*packed(options.data), device), options.pictures)
    export_map(net.cpu(), options.out)
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
