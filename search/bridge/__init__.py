"""An index as Whoosh sees one, so that everything that reads a Whoosh index works on ours."""

import warnings

with warnings.catch_warnings():  # written for older Pythons; nothing in it is our user's to mend
    warnings.simplefilter("ignore")
    import whoosh.analysis
    import whoosh.columns
    import whoosh.fields
    import whoosh.matching.mcore
    import whoosh.query
    import whoosh.reading
    import whoosh.spelling  # noqa: F401  # loaded here, that the other modules of this package import it in silence
