"""The rules on requests: what may be asked, and how one request becomes many."""
