"""Knowledge gaps: does an article answer a search, or is one there that search missed, or none?

Articles are cut into titles, headings and passages (`passages`), found by words (`lexical`) and by meaning (`fields`),
and both are fused (`fusion`) with weights learned from queries that the base's own articles make (`pseudo`). That is
`knowledge`. Whether the best article answers is another question: `answerable` learns it by hiding articles.
"""
