"""The generator: turns requests into pictures.  Knows neither Discord nor the database."""

import logging

# Without torchvision, transformers uses other image processors, which serve us as well, and warns
# about it in technical terms at every start.
logging.getLogger("transformers.utils.import_utils").setLevel(logging.ERROR)
