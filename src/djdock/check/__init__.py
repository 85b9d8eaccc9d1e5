"""`invoke check`: does every service of the stack that is up do its work for the site?"""
