"""What the service is measured by: ``python -m benchmarks``, or ``make bench``.

``questions/`` holds one module for each question. Around them: ``stack`` starts what is measured,
``load`` and ``in_turn`` measure it, ``judging`` says what a figure is worth, ``report`` and
``chart`` write it down. Nothing of the product imports anything here.
"""
