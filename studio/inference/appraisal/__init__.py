"""Models judged item by item: figures with intervals, calibration, and what can be looked through afterwards.

`judge.py` says what a task has to know to be judged (one module a task), `appraise.py` puts the judgements together,
`records.py` keeps and pages the items, and `compare.py` holds two models against each other. None of what follows the
judgements needs a model.
"""
