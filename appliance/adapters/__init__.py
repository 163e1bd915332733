"""One outside thing each: store, links, clock, netlink, keepalived, VRRP, systemd."""
