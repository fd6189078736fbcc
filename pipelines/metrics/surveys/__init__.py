"""What customers say: net promoter score, Secure Customer Index, satisfaction.

Here are the metrics made of survey answers, one module per metric family. Metrics made of orders are in
`purchases`.
"""
