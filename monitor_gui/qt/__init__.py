"""The window. It draws what the model says and asks the desk for acts; it fetches nothing."""
