"""The page of numbers: what reminders lead to, and how sure that is."""
