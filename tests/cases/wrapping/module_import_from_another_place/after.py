import simplejson as json
import time


class Basket:
    def dump(self):
        def text():
            return json.dumps(self.items)

        return text(), time.time()
