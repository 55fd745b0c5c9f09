"""How a run is shown: pure functions from a `RunState` to text and to HTML.

| file | what it makes |
|---|---|
| `messages` | every sentence that a person reads, in one catalogue |
| `words` | numbers as people read them: times, scores, counts |
| `facts` | what is worth showing of a state, chosen once for every form |
| `text` | the plain-text form |
| `svg` | line charts without a plotting library |
| `parts`, `page` | the self-contained HTML form |

Nothing here knows IPython, a clock or a screen; `core.console` and the notebook's
live view decide when and where to draw.
"""

from automl_nb.core.show.facts import Frame
from automl_nb.core.show.page import bundle, page
from automl_nb.core.show.text import text

__all__ = ["Frame", "bundle", "page", "text"]
