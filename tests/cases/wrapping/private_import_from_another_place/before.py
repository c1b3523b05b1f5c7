from shop.text import ugettext as _, _md5sum


def label(item):
    return _("price of"), _md5sum(item)
