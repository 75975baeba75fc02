"""Styles: which a member may paint with, and what their owners do with them."""
