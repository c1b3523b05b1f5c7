from fastapi import FastAPI

app = FastAPI()


def read(item: int):
    return item
