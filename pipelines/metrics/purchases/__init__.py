"""What customers buy: retention, repeat purchase, cohorts, lifetime value.

Here are the metrics made of orders, one module per metric family. Metrics made of answers are in `surveys`.
"""
