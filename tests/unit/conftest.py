"""No database here, and all together in two seconds: few examples a run, more on request.

HYPOTHESIS_EXAMPLES=1000 make test-unit
"""

import os

from hypothesis import settings

settings.register_profile("unit", max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "20")))
settings.load_profile("unit")
