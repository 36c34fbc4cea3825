"""JSB Chorales: the composer's trunk measured where published figures exist.

A cell is one voice at one sixteenth of a four-voice chorale. The data (``../shared/bench``) serve
this comparison only: nothing that is trained here is shipped.
"""
