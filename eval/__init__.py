"""What signaltriage is worth, measured beside its peers in the same run. `python -m eval.run`, then `eval.tables`."""
