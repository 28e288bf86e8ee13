"""The plugin's pages: the chats with a scheduled reminder, and each conversation."""
