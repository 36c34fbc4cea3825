"""How real the music is: measures over excerpts, whoever wrote them."""
