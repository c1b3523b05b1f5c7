def ship(
    parcel,
    *,
    weight=1,  # kilograms
    insured=False,  # up to 500
    tracked=True,
):
    return (parcel, weight, insured, tracked)
