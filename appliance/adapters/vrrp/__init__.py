"""The virtual IP: keepalived, the adverts of the twin, and the kernel's view by netlink."""
