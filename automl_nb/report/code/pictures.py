"""Pictures as a network reads them, frozen or to be tuned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import indent

from automl_nb.core.errors import AutoMLError
from automl_nb.core.recipe import Block
from automl_nb.report.code.layout import comment, quoted
from automl_nb.report.code.snippet import Snippet, Telling, number, plain, refused
from automl_nb.zoo.architectures import ARCHITECTURES, OWN_TYPE
from automl_nb.zoo.card import BackboneCard
from automl_nb.zoo.load import load_backbone, resolve
from automl_nb.zoo.pictures import PictureSpec

OPENED = plain(
    '''
    def opened(picture):
        """A picture in red, green and blue: of a file, of encoded bytes, or Pillow's own."""
        if isinstance(picture, dict):  # as data sets of Hugging Face hold them
            picture = picture["bytes"] or picture["path"]
        if isinstance(picture, bytes):
            picture = io.BytesIO(picture)
        if not isinstance(picture, Image.Image):
            picture = Image.open(picture)
        if picture.mode.startswith("I;16"):  # greys of 16 bits
            picture = Image.fromarray((np.asarray(picture) / 257).round().astype(np.uint8))
        picture = ImageOps.exif_transpose(picture).convert("RGBA")
        page = Image.new("RGBA", picture.size, "white")  # which shows where it is transparent
        return Image.alpha_composite(page, picture).convert("RGB")
    '''
)
PIXELS = plain(
    '''
    def pixels(picture, side, way):
        """(side, side, 3) the colours of a picture, a byte each."""
        return np.asarray(opened(picture).resize((side, side), Image.Resampling[way]))
    '''
)
_SKETCH = plain(
    '''
    def sketch(picture):
        """(1008,) 12 x 12 colours, and in 8 x 8 cells how strong edges of 9 directions are."""
        missing = picture is None or isinstance(picture, float)
        picture = Image.new("RGB", (64, 64), "white") if missing else opened(picture)
        colours = np.asarray(picture.resize((12, 12), Image.Resampling.BOX)) / 255 - 0.5
        grey = np.asarray(picture.convert("L").resize((64, 64), Image.Resampling.BILINEAR)) / 255
        down, right = np.gradient(grey)
        direction = np.minimum(np.arctan2(down, right) % np.pi * 9 / np.pi, 8).astype(int)
        cell = np.arange(64) // 8
        place = (cell[:, None] * 8 + cell) * 9 + direction
        edges = np.bincount(place.ravel(), np.hypot(right, down).ravel(), minlength=8 * 8 * 9)
        edges = edges.reshape(64, 9)
        edges /= np.sqrt((edges**2).sum(axis=1, keepdims=True) + 0.01)
        return np.concatenate([colours.ravel(), edges.ravel()])
    '''
)
BATCH = plain(
    '''
    def as_batch(pictures, mean, std):
        """(n, 3, side, side) pictures on the scale that a network has learnt from."""
        shares = torch.from_numpy(np.stack(pictures)).float() / 255
        return ((shares - torch.tensor(mean)) / torch.tensor(std)).permute(0, 3, 1, 2)
    '''
)
_LITE = plain(
    '''
    def efficientnet_lite(file, **sizes):
        """EfficientNet for small devices: no squeeze-and-excitation, and ReLU6 as its bend."""
        config = EfficientNetConfig(
            width_coefficient=1.0, depth_coefficient=1.0, hidden_dim=1280, hidden_act="relu6",
            **sizes,
        )
        network = EfficientNetModel(config).eval()
        for block in network.encoder.blocks:
            block.squeeze_excite = torch.nn.Identity()
        released = torch.load(file, weights_only=True)
        # The same weights in the same order, by other names; the layer of the classes stays out.
        network.load_state_dict(dict(zip(network.state_dict(), released.values())))
        return network
    '''
)
_READ = '''
{load}{kept}


def {name}(column):
    """(n, {dimension}) one vector a picture{how}; zeros where there is none."""
    given = np.flatnonzero(column.notna())
    vectors = np.zeros((len(column), {dimension}), dtype=np.float32)
    for start in range(0, len(given), 8):
        some = given[start : start + 8]
        batch = as_batch([{pixels} for one in column.iloc[some]], *{scale})
        with torch.no_grad():  # nothing is learnt here, so that no gradients are needed
{vectors}
    return vectors


train_{name} = {name}(train[{column}])
'''
IMPORTS = (
    "import io",
    "import numpy as np",
    "import torch",
    "from PIL import Image, ImageOps",
)


@dataclass(frozen=True)
class Kept:
    """What is read of a picture network beside what it pools itself.

    Attributes:
        code: Statements after it is loaded, which keep what some of its blocks give.
        parts: Expressions of (n, d_l) vectors, side by side before its own.
        dimension: Numbers of all of them together.
    """

    code: str = ""
    parts: tuple[str, ...] = ()
    dimension: int = 0


def frozen_image(block: Block, telling: Telling, kept: Kept | None = None) -> Snippet:
    """The network's own pooled features, a vector a picture; what else is kept goes before."""
    check_readable(telling)
    backbone, name = str(block.settings["backbone"]), telling.names[block.key]
    if block.settings.get("views", "one") != "one" or block.settings.get("fit") == "crop":
        raise refused(f"pictures that '{backbone}' saw mirrored or cropped")
    loaded, column = picture_network(backbone, f"network_{name}"), quoted(block.columns[0])
    pooled = f"network_{name}(batch).{loaded.pooled}"
    vectors = f"vectors[some] = {pooled}"
    if kept:
        parts = ", ".join((*kept.parts, "own"))
        vectors = f"own = {pooled}\nvectors[some] = torch.cat([{parts}], 1)"
    code = plain(_READ).format(
        name=name,
        load=loaded.load,
        kept=f"\n{kept.code}" if kept else "",
        how=", of several blocks side by side" if kept else "",
        dimension=loaded.dimension + (kept.dimension if kept else 0),
        pixels=loaded.pixels,
        scale=loaded.scale,
        vectors=indent(vectors, " " * 12),
        column=column,
    )
    why = comment(
        f"{backbone} has learnt from very many pictures what things look like. It is used as it "
        "is: pictures that look alike get vectors that lie close."
    )
    helpers = (OPENED, PIXELS, BATCH, *loaded.helpers)
    return Snippet(f"{why}\n{code}", f"{name}(new[{column}])", (*IMPORTS, *loaded.imports), helpers)


def sketched(block: Block, telling: Telling) -> Snippet:
    """Small colours and edges (Dalal & Triggs 2005), without a network."""
    check_readable(telling)
    name, column = telling.names[block.key], quoted(block.columns[0])
    code = (
        "# Small colours and the directions of edges: plain drawings need no network.\n"
        f"train_{name} = np.stack([sketch(one) for one in train[{column}]])"
    )
    imports = ("import io", "import numpy as np", "from PIL import Image, ImageOps")
    value = f"np.stack([sketch(one) for one in new[{column}]])"
    return Snippet(code, value, imports, (OPENED, _SKETCH))


def check_readable(telling: Telling) -> None:
    """Refuse data of which rows were left out for their pictures: others would be kept aside.

    Raises:
        SettingError: There are such rows.
    """
    if any(found.rule == "pictures readable" for found in telling.state.findings):
        raise refused(
            "rows some of whose pictures can't be opened",
            "Leave these rows out of the data, and run fit again.",
        )


@dataclass(frozen=True)
class PictureNetwork:
    """How transformers loads a picture network, and what it is shown.

    Attributes:
        load: Statements that put it, ready to answer, into a variable.
        pixels: An expression: the picture `one` at the network's size.
        scale: A variable: mean and deviation of the colours, as `as_batch` takes them.
        pooled: What of its output is the vector of a picture.
        dimension: Numbers of that vector.
        imports: Lines.
        helpers: Functions.
    """

    load: str
    pixels: str
    scale: str
    pooled: str
    dimension: int
    imports: tuple[str, ...]
    helpers: tuple[str, ...] = ()


def picture_network(backbone: str, variable: str) -> PictureNetwork:
    """How a picture network of this name is loaded into a variable.

    Raises:
        SettingError: Its weights aren't at hand.
    """
    try:
        loaded = load_backbone(resolve(backbone))
    except AutoMLError as error:
        raise refused(f"the network '{backbone}', whose weights aren't here", error.hint) from error
    card, spec = loaded.card, loaded.picture_spec
    assert spec is not None
    pixels = f'pixels(one, {spec.size}, "{spec.interpolation.upper()}")'
    scale = f"{variable}_scale"
    scales = f"\n{scale} = ({_colours(spec.mean)}, {_colours(spec.std)})"
    if card.family == OWN_TYPE:
        load, imports = _lite(card, spec, variable)
        pooled = "pooler_output.flatten(1)"
        return PictureNetwork(
            load + scales, pixels, scale, pooled, card.dimension, imports, (_LITE,)
        )
    known = ARCHITECTURES[card.family]
    kind, options = f"{known.stem}{known.part}Model", "folder"
    if known.has_pooler:  # a layer that nobody has trained
        options += ", add_pooling_layer=False"
    load = (
        f"folder = {quoted(card.location)}\n{variable} = {kind}.from_pretrained({options}).eval()"
    )
    pooled = "last_hidden_state[:, 0]" if known.has_pooler else "pooler_output.flatten(1)"
    imports = (f"from transformers import {kind}",)
    return PictureNetwork(load + scales, pixels, scale, pooled, card.dimension, imports)


def _colours(values: tuple[float, ...]) -> str:
    return f"[{', '.join(number(value) for value in values)}]"


def _lite(card: BackboneCard, spec: PictureSpec, variable: str) -> tuple[str, tuple[str, ...]]:
    """An EfficientNet-Lite is told transformers by the sizes of its stages."""
    from automl_nb.zoo.efficientnet_lite import STAGES, VARIANTS, channels_of, repeats_of

    variant = VARIANTS[card.name.removeprefix("efficientnet-")]
    channels, repeats = channels_of(variant), repeats_of(variant)
    uneven, side, blocks = [], math.ceil(spec.size / 2), 0
    for (_, _, stride, *_), n in zip(STAGES, repeats, strict=True):
        if stride == 2:
            uneven += [blocks] if side % 2 else []  # blocks whose padding is alike on both sides
            side = math.ceil(side / 2)
        blocks += n
    weights = f"{card.name.title().replace('-', '')}ModelFile"
    load = f"""
        {variable} = efficientnet_lite(
            {weights}.get_model_file_path(),
            image_size={spec.size}, num_block_repeats={repeats}, depthwise_padding={uneven},
            in_channels={[32, *channels[:-1]]}, out_channels={channels},
        )
    """
    imports = (
        f"from {card.location} import {weights}",
        "from transformers import EfficientNetConfig, EfficientNetModel",
    )
    return plain(load), imports
