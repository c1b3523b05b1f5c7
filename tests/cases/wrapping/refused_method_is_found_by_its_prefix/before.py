class V:
    def go(self,n):
        return getattr(self,'visit_'+n,lambda: 'default')()
