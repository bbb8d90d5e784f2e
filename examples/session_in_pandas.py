"""A recorded session in pandas: python session_in_pandas.py FOLDER/run_..."""

import sys

import pandas as pd

import scanmon

session = scanmon.open_session(sys.argv[1])
table = pd.DataFrame(session.table())
print(f"{session.name}: {len(session)} frames, {table['quality'].notna().mean():.0%} scored")
print(table.groupby("verdict", dropna=False)["time_s"].count())
print(table.set_index("time_s")["quality"].rolling(30, min_periods=1).median().tail())

# the ten seconds in which the picture was worst
second = table["time_s"].floordiv(1)
print(table.groupby(second)["quality"].mean().nsmallest(10).round(1))

for reading in session.frames():
    print(f"frame {reading.frame}: {reading.pixels.shape}, heatmap on {reading.heatmap.shape} cells")
    break
