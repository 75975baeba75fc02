"""The generator: requests in, pictures out.  Knows nothing of Discord or of the database."""

import logging

# For want of torchvision transformers takes other image processors, which serve us as well, and
# says so in technical words at every start.
logging.getLogger("transformers.utils.import_utils").setLevel(logging.ERROR)
