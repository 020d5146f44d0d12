"""`python -m prober.app.dashboards FOLDER` writes the dashboards there."""

import json
import sys
from pathlib import Path

from prober.app.dashboards import dashboards


def main(folder: Path) -> None:
    """Writes each dashboard to a file of its own in the folder, which is made where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, dashboard in dashboards().items():
        text = json.dumps(dashboard, indent=2, ensure_ascii=False) + "\n"
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
