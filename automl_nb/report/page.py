"""The page around a report's sections: its look in light and dark, and what it may not do."""

from __future__ import annotations

from html import escape

# Nothing may be fetched or executed, even if some text slipped through unescaped.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_STYLE = """
:root{color-scheme:light dark;--text:#24292f;--quiet:#57606a;--page:#fff;--line:#d0d7de;
--panel:#f6f8fa;--accent:#0969da;--good:#1a7f37;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--text:#e6e6e6;--quiet:#9da7b3;--page:#111;
--line:#3d444d;--panel:#1b1f24;--accent:#6cb1ff;--good:#5cc878;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);
font:15px/1.55 system-ui,-apple-system,"Segoe UI","Noto Sans","PingFang SC",
"Microsoft YaHei",sans-serif}
main{max-width:1000px;margin:0 auto;padding:1.5rem 1.2rem 4rem}
h1{font-size:1.7rem;margin:.2rem 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.4rem 0 .6rem;padding-bottom:.25rem;
border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.4rem 0 .3rem}
nav{font-size:.9rem;margin:.8rem 0}nav a{margin-right:1rem}
a{color:var(--accent)}
p{margin:.5rem 0;overflow-wrap:anywhere}
.quiet{color:var(--quiet)}
.score{font-size:1.15rem;background:var(--panel);border-left:4px solid var(--accent);
padding:.7rem 1rem;margin:1rem 0}
.warning{border-left:4px solid var(--bad);padding-left:.7rem}
.scroll{overflow-x:auto;
background:linear-gradient(to left,var(--page) 1rem,transparent) right/3rem 100% no-repeat local,
linear-gradient(to left,var(--line),transparent) right/.9rem 100% no-repeat scroll}
table{border-collapse:collapse;margin:.6rem 0;font-size:.9rem}
caption{text-align:left;color:var(--quiet);padding-bottom:.2rem}
th,td{padding:.28rem .55rem;text-align:left;vertical-align:top;
border-bottom:1px solid var(--line)}
th{font-weight:600}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
td.number{white-space:nowrap}td.long{min-width:11em}
tr.best td{font-weight:600}
.done{color:var(--good)}.failed,.stopped{color:var(--bad)}
.track{display:inline-block;width:96px;height:.6em;background:var(--line)}
.bar{display:block;height:100%;min-width:2px;background:#3987c9}
pre{background:var(--panel);padding:.8rem 1rem;overflow-x:auto;font-size:.88rem}
.pictures{display:flex;flex-wrap:wrap;align-items:flex-start;gap:1rem 2rem}
figure{display:table;margin:.8rem 0;max-width:100%}
figure svg{max-width:100%;height:auto;display:block}
figure svg text{font-family:system-ui,"Segoe UI","Noto Sans","PingFang SC","Microsoft YaHei",
sans-serif!important}
figcaption{display:table-caption;caption-side:bottom;font-size:.85rem;color:var(--quiet)}
@media(max-width:700px){figure{display:block;width:100%}figcaption{display:block}}
details{margin:.6rem 0}summary{cursor:pointer}
@media print{nav{display:none}details{display:block}figure div{min-width:0!important}}
""".strip()


def page(title: str, lead: str, sections: list[tuple[str, str]]) -> str:
    """A whole HTML document, whose own words are English; what isn't says so itself.

    Args:
        title: As plain text.
        lead: HTML that stands before the sections.
        sections: Headings as plain text, with their HTML; empty ones are left out.
    """
    kept = [(f"s{place}", name, body) for place, (name, body) in enumerate(sections) if body]
    links = "".join(f'<a href="#{place}">{escape(name)}</a>' for place, name, _ in kept)
    parts = "".join(
        f'<section aria-labelledby="{place}"><h2 id="{place}">{escape(name)}</h2>{body}</section>'
        for place, name, body in kept
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f'<h1>{escape(title)}</h1>{lead}<nav aria-label="Contents">{links}</nav>{parts}'
        "</main></body></html>\n"
    )
