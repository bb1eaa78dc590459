"""No database here, and all together in two seconds: few examples a run, more on request.

HYPOTHESIS_EXAMPLES=1000 make test-unit
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "unit",
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "20")),
    # The first draw of text reads all of Unicode, which a busy machine takes seconds for.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unit")
