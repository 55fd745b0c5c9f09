"""Learn from the rows of a query; any SQLAlchemy URL will do (this one is SQLite's).

python examples/sql_source.py
"""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import automl_nb


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "clinic.db"
        with closing(sqlite3.connect(file)) as database:
            automl_nb.sample("breast_cancer").to_sql("cells", database, index=False)

        run = automl_nb.fit(
            f"sqlite:///{file.as_posix()}",
            "diagnosis",
            sql="SELECT mean_radius, mean_texture, worst_area, diagnosis FROM cells",
            metric="roc_auc",
            time="30s",
        )
    print(run.leaderboard[["model", "roc_auc"]].to_string(index=False))
    print("on the test rows:", run.scorecard.metrics["roc_auc"])


if __name__ == "__main__":
    main()
