"""All cases of bad input."""

from __future__ import annotations

from tests.bad_input.cases_backbones import BACKBONES, WRONG_KIND
from tests.bad_input.cases_files import FILES
from tests.bad_input.cases_frames import FRAMES, LABELS, PARTS
from tests.bad_input.cases_models import BUNDLES, RUNS, USE
from tests.bad_input.cases_options import OPTIONS
from tests.bad_input.cases_pictures import PICTURES
from tests.bad_input.cases_tuning import TUNING

CASES = (
    *(*FRAMES, *LABELS, *PARTS, *FILES, *PICTURES, *OPTIONS, *TUNING, *USE, *BUNDLES, *RUNS),
    *(*BACKBONES, *WRONG_KIND),
)
