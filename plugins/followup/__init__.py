"""When a client goes silent, the employee reaches out, in the context of the conversation."""
