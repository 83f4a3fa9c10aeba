"""What HTTP faces share."""
