from shop.sums import _md5sum
from shop.text import gettext as _


def label(item):
    return _("price of"), _md5sum(item)
