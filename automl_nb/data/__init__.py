"""From any source to rows that can be learnt from.

The flow, one file a step::

    sources  -> table   -> schema, task -> checks -> clean -> split -> dataset
    (readers)   (plain     (kinds,         (what     (fitted  (folds,   (all of it,
                 dtypes)    labels)         is odd)   on       sealed    as a recipe)
                                                      training) test)

`conform` brings rows that come at prediction time into the same shape, `pictures`
opens pictures safely, `samples` holds data that needs no download.
"""
