"""Python runs this as it starts. A management command of the build's tells as it ends what a process of
its own would have to read the settings for once more.
"""

import os
import sys

if os.environ.get("DJDOCK_TOLD"):
    import atexit

    @atexit.register
    def tell():
        if "django.conf" in sys.modules:
            import djdock_told

            djdock_told.tell()
