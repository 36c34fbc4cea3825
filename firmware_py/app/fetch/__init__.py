"""Getting the models of others and the soundfont, and telling what is there.

``install.setup`` fetches, ``check.check`` looks, ``soundfont.find_soundfont`` finds. Nothing here
prints: progress goes to a callable, what happened goes to the log.
"""
