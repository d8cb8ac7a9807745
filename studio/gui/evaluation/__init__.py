"""What a model gets right and wrong: figures with intervals, classes, calibration, every item, and two models compared.

The figures come from the run folder, where an evaluation keeps them; items are asked of the lab page by page.
"""
