"""The commands of `python -m generation`, one module each; naming them loads none of these."""

SUMMARIES = {
    "imagine": "paint pictures of a prompt",
    "train": "train an adapter or a model on pictures",
    "pairs": "make pairs of pictures for edit training",
    "replay": "paint a picture again from the record in its file",
    "evaluate": "measure the embedded model",
    "fetch": "download a model",
}
"""Every command with its line in the help."""
