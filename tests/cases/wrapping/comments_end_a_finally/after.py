class A:
    def run(self, work):
        future = work()
        try:
            return future.result()
        except TimeoutError:
            future.cancel()
            raise

        finally:
            # Clear the reference.
            del future
            # Without this the error stays:
            # error, traceback, frame, future, error
