"""Screens of every page: `python -m tests.demo.screens FOLDER`."""
