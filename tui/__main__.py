"""`python -m tui` is `lanewatch`."""

import sys

from tui.cli.main import main

sys.exit(main())
