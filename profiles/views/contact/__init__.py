"""Pages of two people who want to work together: invitations, introductions, conversations, blocks, reports."""
