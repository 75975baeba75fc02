"""The Discord process: gestures in, requests out, pictures delivered."""
