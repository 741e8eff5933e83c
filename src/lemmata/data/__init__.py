"""Training data, from any file to rows that tuning can trust.

    read         files, the hub, task families → samples   (containers/, formats/, encoding, hub)
    clean        what is dropped and why                    (twins, test_sets, ngrams, languages)
    framing      the role around a row
    render       a row as token ids and what of them is learnt
    audit        every way in which rows silently break a reasoner; show makes the mask visible
    split, order held-out clusters; easy to hard
    prepare      all of it, into a folder with a manifest (landing)
    tasks/       problems made and checked by machine, one family a file

`train` reads prepared folders through `examples`, `render` and `order`. Checks of answers and
derivations, and engines, are handed in by the caller: data, verify and engines are siblings.
"""
