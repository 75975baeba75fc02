"""/style: the styles that members paint with."""
