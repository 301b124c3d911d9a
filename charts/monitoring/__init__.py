"""Where the chart's dashboards and the docs' tables of metrics come from: `python -m charts.monitoring` writes them.

A build-time tool: nothing of it is in an image or in the wheel.
"""
