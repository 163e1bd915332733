"""Links between hosts: frames over mutually authenticated TLS 1.3."""
