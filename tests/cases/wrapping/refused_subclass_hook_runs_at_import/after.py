class B:
    def __init_subclass__(cls):
        cls.t=2
class A(B):
    pass
