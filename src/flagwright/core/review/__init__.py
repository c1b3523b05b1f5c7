"""Lay the files of a plan out for the person who decides: pure values, no markup."""
