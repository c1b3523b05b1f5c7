"""The HTTP API of the shop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from uuid import uuid4

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from shop.catalog import PRODUCTS, UnknownProduct
from shop.checkout import PaymentFailed, place_order
from shop.flags import client, customer
from shop.payment import Gateway
from shop.pricing import BadBasket, price

gateway = Gateway()


def health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


def products(_: Request) -> Response:
    return JSONResponse([asdict(product) for product in PRODUCTS.values()])


def show_price(request: Request) -> Response:
    """`/price?sku=chair&count=2&country=DE&coupon=WELCOME&gift=yes`"""
    query = request.query_params
    if not query.get("count", "1").isdecimal():
        raise BadBasket("`count` is a whole number.")
    basket = {query.get("sku", ""): int(query.get("count", "1"))}
    found = price(
        basket,
        country=query.get("country", "DE"),
        coupon=query.get("coupon"),
        gift=query.get("gift") == "yes",
    )
    return JSONResponse(asdict(found))


async def checkout(request: Request) -> Response:
    """Body: `{"basket": {"chair": 2}, "country": "DE", "token": "tok_ok"}`"""
    wish = await request.json()
    order = await run_in_threadpool(
        place_order,
        gateway,
        wish.get("basket", {}),
        country=wish.get("country", "DE"),
        token=wish.get("token", ""),
        coupon=wish.get("coupon"),
        gift=wish.get("gift", False),
    )
    return JSONResponse(asdict(order), status_code=201)


def not_found(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=404)


def bad_request(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)


def payment_failed(_: Request, error: PaymentFailed) -> Response:
    return JSONResponse({"error": str(error)}, status_code=503 if error.retry else 402)


class KnownCustomer:
    """Says whose request it is: by the cookie `customer`, else somebody new."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            customer.set(Request(scope).cookies.get("customer") or uuid4().hex)
        await self.app(scope, receive, send)


@asynccontextmanager
async def running_flags(_: Starlette) -> AsyncIterator[None]:
    await run_in_threadpool(client.start)
    try:
        yield
    finally:
        await run_in_threadpool(client.stop)


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/products", products),
        Route("/price", show_price),
        Route("/checkout", checkout, methods=["POST"]),
    ],
    exception_handlers={
        UnknownProduct: not_found,
        ValueError: bad_request,
        PaymentFailed: payment_failed,
    },
    lifespan=running_flags,
    middleware=[Middleware(KnownCustomer)],
)
