"""An archive on a Dask cluster: python dask_cluster.py FOLDER [tcp://SCHEDULER:8786]

Every worker needs scanmon and the same files under the same names. Without a scheduler two workers run here.
"""

import sys

import pandas as pd
from distributed import LocalCluster

import scanmon

if __name__ == "__main__":  # workers are fresh processes that import this file
    folder, *scheduler = sys.argv[1:]
    cluster = None if scheduler else LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    address = scheduler[0] if cluster is None else cluster.scheduler_address
    table = pd.DataFrame(scanmon.score(folder, cluster=address))
    print(table[["source", "quality", "verdict"]].to_string())
    if cluster is not None:
        cluster.close()
