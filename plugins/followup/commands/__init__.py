"""What admins can do by commands: each gives the screen that they see."""
