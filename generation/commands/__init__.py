"""The commands of `python -m generation`, one module each; naming them loads none of these."""

SUMMARIES = {
    "imagine": "paint pictures from a prompt",
    "train": "train an adapter or a model on pictures",
    "caption": "describe pictures for training with a caption model",
    "pairs": "make pairs of pictures for edit training",
    "replay": "recreate a picture from the settings saved in its file",
    "evaluate": "measure how well the embedded model works",
    "fetch": "download a model",
}
"""Every command with its line in the help."""
