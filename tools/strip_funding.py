"""Takes the sponsor links out of an npm lock file: they are addresses, and nothing needs them."""

import json
import sys
from pathlib import Path


def strip(lock: Path) -> int:
    """Removes every ``funding`` entry; answers how many there were."""
    content = json.loads(lock.read_text(encoding="utf-8"))
    removed = sum(
        package.pop("funding", None) is not None for package in content["packages"].values()
    )
    lock.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return removed


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"{name}: {strip(Path(name))} sponsor links removed")
