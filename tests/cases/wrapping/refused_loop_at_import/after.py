class C:
    def __iter__(self):
        return iter([2])
X=[x for x in C()]
