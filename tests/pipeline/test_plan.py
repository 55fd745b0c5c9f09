"""The plan as it is told before anything is begun."""

import sys
from subprocess import run

from automl_nb.core.show.messages import ENGLISH
from automl_nb.pipeline.plan import PLAN


def test_every_step_is_in_the_catalogue_of_words():
    for stage in PLAN:
        assert ENGLISH[f"plan.{stage.name}"] == stage.name
        assert ENGLISH[f"plan.{stage.name}.why"] == stage.why
        assert callable(stage.work)


def test_a_form_can_be_checked_without_the_libraries_of_training():
    """They take longer to import than all of the rest, in a kernel that has just begun."""
    code = (
        "import sys, pandas as pd, automl_nb.api as api\n"
        "rows = {'x': [0.1 * i for i in range(60)], 'y': ['a', 'b', 'c'] * 20}\n"
        "seen = api.glance(pd.DataFrame(rows))\n"
        "checked = api.check({'label': 'y'}, seen)\n"
        "assert checked.ready and len(api.outlook(checked)) == 4\n"
        "print([name for name in ('torch', 'scipy', 'sklearn', 'optuna') if name in sys.modules])"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr
