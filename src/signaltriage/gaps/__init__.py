"""Knowledge gaps: does an article answer a search, or is one there that search missed, or none?

Articles are cut into titles, headings and passages (`passages`), found by words (`lexical`) and by meaning (`fields`),
and both are fused (`fusion`) with weights learned from queries that the base's own articles make (`pseudo`). That is
`knowledge`. Whether the best article answers is another question: `answerable` sees articles and searches through a
`lens` that takes out what all of them share, and holds the best article against the next best (`belief`).
"""
