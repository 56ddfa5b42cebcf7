"""Acting on lanes: verbs, routes, orders, the audit log, the gate and its installation."""
