"""`kubectl hirag`: what a person at a terminal asks of a cluster. It reads; `rollback` alone writes, one annotation.

Each command is three steps: look (through the adapters), a report (pure data, which `-o json` prints), and its text.
"""
