"""What a model takes on disk is what its bundle takes."""

import pytest

from automl_nb.pipeline.bundle import bundle_size
from automl_nb.pipeline.sizes import Sizes, saved_bytes
from automl_nb.pipeline.vault import best_in

_MANIFEST = 40_000  # bytes, at most, of what a bundle says of task, columns and files


@pytest.mark.parametrize("kind", ["text", "table", "mixed"])
def test_the_leaderboard_tells_the_bundle_s_size(kind, request):
    run = request.getfixturevalue(f"{kind}_run")
    row = next(r for r in run.state.leaderboard if r.model == run.state.incumbent.model)
    assert row.size_bytes == pytest.approx(bundle_size(best_in(run.folder)), abs=_MANIFEST)
    assert (run.leaderboard["size_mb"] > 0).all()


def test_a_network_is_weighed_without_being_written(text_run, tmp_path):
    model = text_run.model
    encoder = next(e for e in model.encoders.values() if hasattr(e, "size_bytes"))
    encoder.save(tmp_path / "net")
    assert encoder.size_bytes() == pytest.approx(bundle_size(tmp_path / "net"), rel=0.01)


def test_what_cannot_be_written_is_unknown_and_so_is_its_blend():
    class Full:
        def save(self, folder):
            raise OSError(28, "No space left on device")

    assert saved_bytes(Full()) == 0

    class Made:
        name, inputs, predictor = "made", ("block",), Full()

    assert Sizes({"block": Full()}).of([Made()]) == 0
