"""The pages of the employees: the list of them, and persona, hours and channels of each."""
