"""Which pretrained networks a run uses, and what is said when one can't be had."""

from __future__ import annotations

    if named or not is_automatic(bench.settings):
        return named
    texts = texts_of(bench.dataset.development.head(500), column)
    if unspaced_share(texts) > _OTHER_SCRIPTS:
        fit = [name for name in _AUTO_UNSPACED if name in CARDS and is_available(CARDS[name])[0]]
        if not fit:
            bench.say(
                f"'{column}' is written in a script that no backbone at hand can read; "
                "characters are used instead."
            )
        return fit[:1]
    return _by_evidence(bench, column, _at_hand(bench, _AUTO_TEXT))
