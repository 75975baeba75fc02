"""Denoising: trajectories, guidance, init images, tiles, previews."""
