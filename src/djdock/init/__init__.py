"""``djdock init``: what a Django project needs to be run by djdock, written where it is missing."""
