class B:
    def __init_subclass__(cls):
        cls.t=1
class A(B):
    pass
