"""Numbers for Prometheus on http://127.0.0.1:9108/metrics: python serve.py [SOURCE] [SECONDS] [PORT]

prometheus.yml beside this file scrapes them; grafana-dashboard.json draws them (Dashboards, New, Import).
"""

import sys

import scanmon

source = sys.argv[1] if len(sys.argv) > 1 else "phantom:"
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else None
port = int(sys.argv[3]) if len(sys.argv) > 3 else 9108

with scanmon.Monitor(source, metrics_port=port) as monitor:
    print(f"serving http://127.0.0.1:{port}/metrics", flush=True)
    monitor.wait(seconds)
