import collections
D=collections.defaultdict(list)
def f():
    return len(D)
