"""What measuring images leaves behind: the data, and their forms for people."""
