"""Lists and pairs as they are typed: divided by commas, with a name in quotes that holds one.

Quotes are those of CSV (RFC 4180): double ones around the name, doubled within it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_QUOTED = r'"(?:[^"]|"")*"'
_ITEM = re.compile(rf"\s*{_QUOTED}[^,]*|[^,]*")
_PAIR = re.compile(rf"\s*({_QUOTED})\s*=(.*)", re.DOTALL)


def items(text: str) -> list[str]:
    """The parts between commas, as they are typed; a quote counts at the beginning of one.

    Example:
        >>> items('ash, "a,sh"=text')
        ['ash', ' "a,sh"=text']
    """
    return divided(text, _ITEM)


def divided(text: str, item: re.Pattern[str]) -> list[str]:
    """The parts between commas, each as far as a pattern reaches that finds nothing as well.

    Example:
        >>> divided("ash,hue", re.compile("[^,]*"))
        ['ash', 'hue']
    """
    found, place = [], -1
    while place < len(text):
        part = item.match(text, place + 1)
        assert part is not None  # nothing is an item as well
        found.append(part[0])
        place = part.end()
    return found


def plain(item: str) -> str:
    """A name without its quotes, and without blanks that no quotes keep.

    Example:
        >>> plain(" ash "), plain('" a,sh"')
        ('ash', ' a,sh')
    """
    item = item.strip()
    return item[1:-1].replace('""', '"') if re.fullmatch(_QUOTED, item) else item


def pair(item: str) -> tuple[str, str, str]:
    """A name, the equals sign or "", and the value; a name without quotes may hold the sign too.

    Example:
        >>> pair('"a,sh"=text'), pair("a=b=text"), pair("ash")
        (('a,sh', '=', 'text'), ('a=b', '=', 'text'), ('', '', 'ash'))
    """
    if found := _PAIR.fullmatch(item):
        return plain(found[1]), "=", found[2].strip()
    name, equals, value = item.rpartition("=")
    return name.strip(), equals, value.strip()


def written(name: str) -> str:
    """A name as it stands in a list.

    Example:
        >>> written("my ash"), written("a,sh"), written('say "no", twice')
        ('my ash', '"a,sh"', '"say ""no"", twice"')
    """
    is_plain = name == name.strip() and re.fullmatch(r'[^",\r\n][^,\r\n]*', name)
    return name if is_plain else '"' + name.replace('"', '""') + '"'


def written_list(names: Iterable[object]) -> str:
    """Names as one text that reads the same."""
    return ",".join(written(str(name)) for name in names)


def written_pairs(pairs: Mapping[str, object]) -> str:
    """Names and values as one text that reads the same.

    Example:
        >>> written_pairs({"stars": "category", "a,sh": "text"})
        'stars=category,"a,sh"=text'
    """
    return ",".join(f"{written(name)}={value}" for name, value in pairs.items())
