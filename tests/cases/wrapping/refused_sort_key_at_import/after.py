def k(x):
    return -x
X=sorted([1,2],key=k)
