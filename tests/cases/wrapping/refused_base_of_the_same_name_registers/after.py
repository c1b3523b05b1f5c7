import sys,types
m=types.ModuleType('reg'); sys.modules['reg']=m
exec('''
all=[]
class Enum:
    def __init_subclass__(cls): all.append(cls.__name__)
''',m.__dict__)
from reg import Enum
class New(Enum):
    pass
def f():
    return m.all,1
