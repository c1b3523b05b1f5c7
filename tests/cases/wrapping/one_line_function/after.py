def zero(): return 0.0
