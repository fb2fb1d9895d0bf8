"""Merchant grading for membership operation [GRD], as pure functions: nothing here knows the engine, a file or a clock.

`rules` holds every number as a parameter, `grade` turns indicators into a result, `machine` moves a merchant's `standing`
from event to event, `privileges` and `joins` say what a standing allows, `levers` how far the next grade is.
Times are `datetime` without a zone: the platform's local time.
"""
