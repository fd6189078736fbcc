"""Telling people by webhook and e-mail that the gate closed, a run failed or a release is late.

Messages are plain functions of facts, and none of this decides how a run ends. What must stay out: the orchestrator
(`sensors.py`, `run_events.py`) and the environment (`resources.py`).
"""
