"""The lab: five hosts, clients and vendors on one machine."""
