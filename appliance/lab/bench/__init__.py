"""`tmr bench`: what the appliance does here, in figures. Measured by hand, never by a test.

    checkout    durable check-outs per second, with all checks, receipts and TLS
    failover    what clients see of power cuts, of a switchover and of an upstream's loss

Both make a lab of their own and leave nothing of it behind.
"""
