"""Recognition of instructions that InstructPix2Pix cannot follow, in English and Japanese."""
