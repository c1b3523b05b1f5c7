class C:
    def __iter__(self):
        return iter([1])
X=[x for x in C()]
