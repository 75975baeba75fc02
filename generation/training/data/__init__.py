"""Training data: folders of pictures, cached as the denoiser sees them."""
