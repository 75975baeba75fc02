"""The playground: the bot on a Discord of its own, in a page on this machine.

SimCord plays Discord.  It holds every task that a handler starts for a part of that
handler's work, and its page waits for all of it; `outside.py` keeps painting out of that.
"""
