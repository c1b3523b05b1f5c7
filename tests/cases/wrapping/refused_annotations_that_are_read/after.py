from fastapi import FastAPI

app = FastAPI()


def read(item: str):
    return item
