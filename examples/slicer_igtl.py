"""Sector, heatmap and score into 3D Slicer over OpenIGTLink: python slicer_igtl.py [SOURCE] [SECONDS] [PORT]

In Slicer install the extension SlicerOpenIGTLink, open the module OpenIGTLinkIF, add a connector of type
Client to 127.0.0.1 port 18944 and tick Active. The images ScanmonFrame and ScanmonHeatmap and the text
ScanmonScore appear in the module Data; show the heatmap as foreground over the frame.
Needs the extra `igtl`: pip install "scanmon[igtl]".
"""

import sys

import scanmon

source = sys.argv[1] if len(sys.argv) > 1 else "phantom:"
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else None
port = int(sys.argv[3]) if len(sys.argv) > 3 else 18944

with scanmon.Monitor(source, igtl_port=port) as monitor:
    print(f"serving OpenIGTLink on 127.0.0.1:{port}", flush=True)
    monitor.wait(seconds)
