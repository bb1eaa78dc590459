"""Where the verbs are: of a module that loads nothing else, for whoever only asks them."""

PREFIX = "/xingchen-db/v1"
