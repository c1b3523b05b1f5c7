#!/usr/bin/env python
# -*- coding: utf-8 -*-
"""What it is."""
from __future__ import annotations


def price(amount):
    return amount
