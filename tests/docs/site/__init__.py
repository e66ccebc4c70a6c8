# SPDX-License-Identifier: MIT
"""The guide and its site: pages written from the firmware's own tables, and checks on all of it.

    words.py      docs/reference/words.toml: what no table of the firmware says
    values.py     figures inside pages that are written by hand
    *_page.py     one page of docs/reference each; timing.py and tone.py draw and sound patterns
    pages.py      every page as it must be
    links.py      links and anchors of the Markdown
    hooks.py      what mkdocs does with pages from outside docs/
    built.py      checks on the built site
    browser.py    the site in a browser: width, console, pictures

`python -m tests.docs.site` writes the pages; `make docs` builds and checks the site.
"""
