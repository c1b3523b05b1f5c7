class Registry:
    def retried(self, times):
        def decorate(function):
            def call(*args):
                return self.run(function, args, times)

            def describe():
                return f"{function} x{times}"

            call.describe = describe
            return call

        return decorate
