"""What can only be known of an image by building it and by running it, measured here and now."""
