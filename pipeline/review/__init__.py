"""The review page: what is not accepted, put before a person, one document at a time."""
