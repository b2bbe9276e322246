"""The sandbox, compared with what is known of AWS."""
