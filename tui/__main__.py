"""`python -m tui` is `lanewatch`."""

import sys

from tui.cli import main

sys.exit(main())
