"""Speech to text and intent (Vosk): the always-on grammar recogniser and the open one."""
