"""Copies, partial copies and shared quotations: which articles are the same story.

    bodies       the words of an article that are compared       spelling    what a word is, however it is spelt
    sketching    few fingerprints of each body                   pairs       those that share enough of them
    boilerplate  fingerprints, and words, that are nobody's      relation    how a pair may relate
    comparison   how it does, and what proves it                 membership  stories, from the relations alone
    upkeep       relations kept while articles come and go

Articles with the same words are one *text*; relations hold between texts. Nothing here reads or writes, or knows where
sketches are kept: numbers of texts and outlets are the caller's.
"""
