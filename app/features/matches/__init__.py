"""Who helps whom: ranked proposals with reasons, invitations, applications, answers."""
