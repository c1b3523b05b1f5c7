import collections
D=collections.defaultdict(list)
X=D['a']
def f():
    return len(D)+len(X)+5
