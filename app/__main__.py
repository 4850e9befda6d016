"""``python -m app`` is ``omlop``."""

import sys

from app.cli import main

sys.exit(main())
