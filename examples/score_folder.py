"""Score every picture and cine loop below a folder, and plot what comes out: python score_folder.py FOLDER"""

import sys

import matplotlib.pyplot as plt
import pandas as pd

import scanmon

table = pd.DataFrame(scanmon.score(sys.argv[1]))
print(table.groupby("source")["quality"].mean().round(1).to_string())
for row in table[table["error"].notna()].itertuples():
    print("not scored:", row.error)

table["quality"].plot.hist(bins=20, range=(0, 100))
plt.xlabel("quality")
plt.savefig("quality.png")
