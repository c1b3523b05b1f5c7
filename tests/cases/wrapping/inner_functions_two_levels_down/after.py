class Registry:
    def retried(self, times):
        def decorate(function):
            def call(*args):
                return self.run(function, args, times + 1)

            def describe():
                return f"{function} x{times + 1}"

            call.describe = describe
            return call

        return decorate
