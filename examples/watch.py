"""A monitor in a few lines: python watch.py [SOURCE] [SECONDS]

SOURCE is what `scanmon live` takes, for instance grabber:ID or rtsp://host/stream.
"""

import sys

import scanmon

source = sys.argv[1] if len(sys.argv) > 1 else "phantom:"
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0


def on_reading(reading: scanmon.Reading) -> None:
    if reading.scored:
        print(f"{reading.time_s:7.2f} s  {reading.shown:5.1f}  {reading.verdict}")
    else:
        print(f"{reading.time_s:7.2f} s  no score: {reading.reason}")


with scanmon.Monitor(source, on_reading) as monitor:
    monitor.wait(seconds)
