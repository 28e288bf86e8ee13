"""What reminders led to, counted; and how far a count can be trusted."""
