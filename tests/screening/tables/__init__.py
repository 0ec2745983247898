"""Decision tables of the rules: what a proposal says and what is known, and what each rule concludes from it."""
