"""Writers: models behind the gateway, and the embedded offline writer."""
