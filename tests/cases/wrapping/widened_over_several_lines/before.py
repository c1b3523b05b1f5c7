def ship(
    parcel,
    *,
    weight=1,  # kilograms
    fast=False,
):
    return (parcel, weight, fast)
