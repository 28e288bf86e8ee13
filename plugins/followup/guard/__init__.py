"""The copy guard: what a composed text must not do, each rule a pure function."""
