from web import router


@router.get("/search")
def search(text):
    return text
