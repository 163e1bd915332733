"""The role `standalone`: a licence server on one host, for who needs no redundancy yet.

Its parts are those of the five hosts: one upstream's replica, store and container, one TMR server's
coordinator and client API, with a wire in the place of their links. One of one decides where it is
two of three there (`licences.members.majority`); nothing else is different.
"""
