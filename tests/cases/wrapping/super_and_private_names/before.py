class Child(Parent):
    def run(self):
        self.__count = 1
        return super().run()
