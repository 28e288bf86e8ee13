"""How the dashboard looks: the frame of every page, its style, its words."""
