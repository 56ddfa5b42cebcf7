"""Every kind of finding: a module each that declares it, with its detector where it has one for each lane."""
