"""Serve the shop: `python -m shop --port 8080`."""

import argparse

import uvicorn

arguments = argparse.ArgumentParser(prog="python -m shop", description="Serve the shop.")
arguments.add_argument("--port", type=int, default=8080, help="0 picks a free one")

if __name__ == "__main__":
    uvicorn.run("shop.app:app", port=arguments.parse_args().port, access_log=False)
