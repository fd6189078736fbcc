"""From sufficient statistics to figures that carry their n and their interval.

Here are the formulas of the metric catalogue, one module per metric family, and the tables they leave in
the schema `metrics`. Add a module when a metric family is new; a new figure of a known family is new rows.
Rows of orders or answers must stay out: the marts have reduced them to counts and sums before they come here.
"""
