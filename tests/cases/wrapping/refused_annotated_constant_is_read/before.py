def f():
    return __annotations__ if '__annotations__' in globals() else {}
