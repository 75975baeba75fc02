"""The handlers of buttons and forms, and how a failure is answered."""
