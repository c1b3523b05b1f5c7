class Child(Parent):
    def run(self):
        self.__count = 2
        return super().run() + self.__count
