"""The tab Auto Follow-up of an employee: its form, its outlook, its history, and Play it."""
