class V:
    def go(self,n):
        x=1
        return getattr(self,'visit_'+n,lambda: 'default')()
    def visit_a(self):
        return 'a'
