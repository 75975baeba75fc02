"""The Discord process: turns members' actions into requests and delivers the pictures."""
