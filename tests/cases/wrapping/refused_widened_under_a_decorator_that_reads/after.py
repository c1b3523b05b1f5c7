from web import router


@router.get("/search")
def search(text, page=1):
    return (text, page)
