"""The review page: where a person sees what a plan does, why that is safe, and decides.

A door like the others: it shows what the workbench says and passes on what the person says.
It is served on a loopback port and lets nobody in without a code from the person's terminal.
"""
