"""JSB Chorales: the composer's trunk measured where published figures exist.

A step of our network is a change in the chorale. Beside what it remembers, it is told what came
next where earlier music, of the chorale or of the training split, went as this does (``echoes``).
A plain GRU and a GRU in the trunk's place are trained by the same protocol.

A cell is one voice at one sixteenth of a four-voice chorale. The data (``../shared/bench``) serve
this comparison only: nothing that is trained here is shipped.
"""
