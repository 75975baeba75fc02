"""FABRIC: feedback by attention to reference images (von Rütte et al., arXiv 2307.10159)."""
