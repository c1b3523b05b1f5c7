class A:
    def run(self, work):
        future = work()
        try:
            return future.result()
        except TimeoutError:
            future.cancel()
            raise
