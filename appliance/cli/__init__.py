"""The command line `tmr`: one module per verb, each loaded when it is asked for."""
