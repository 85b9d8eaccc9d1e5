"""The stack: Compose files and command lines, add-ons, health."""
