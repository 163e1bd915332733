"""Chaos: five real hosts, clients that never stop, one fault after the other, and a judge.

    schedule   PURE: which faults, on whom, when: nothing but the seed decides
    ground     the lab, its licences, disks and clocks
    faults     does to the lab what the schedule says, and undoes it
    watch      is it whole again? if not, what is wrong
    workers    the clients' processes; `recorder` writes down each call as it is sent
    records    what the workers write, and how it is read
    logs       what the three upstreams' disks hold at the end
    judge      PURE: what clients were told and what the disks hold, held against each other; its
               parts are `facts`, `beliefs` and `histories`
    report     figures for people and programs
    run        all of it in order

What a run proves rests on the judge, so the judge has tests in which it must find something.
"""
