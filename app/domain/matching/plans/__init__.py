"""The best plan for a whole city: demands and townships' needs against commissioners' capacities and wishes.

Pure policy: no file, no database, no framework, no clock. Importing this package loads nothing; numpy comes with
any of its modules, a solver (OR-tools or scipy) only with the first plan that needs it.

Where to read on:
    problem      what a plan is computed from, frozen, with its SHA-256
    candidates   from ranked proposals to frozen inputs
    fit          the best total fit under all limits (min-cost flow, exact)
    stable       two-way choice that no pair would leave (deferred acceptance), and the check of it
    cover        every township has each leading industry, then least travel and best fit (integer program)
    shortage     why a cell stays open, with proof
    outcome      what a plan says; whether it is lawful
    fairness     who fares how, county by county
    comparison   two plans, or a plan and today, person by person
    solving      one door to the three modes
"""
