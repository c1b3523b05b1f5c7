from waffle.testutils import override_flag, override_switch

from flags import client


@override_flag("shop.new-tax", active=True)
class TestNew:
    @override_switch("shop.new-tax", active=False)
    def test_old(self):
        assert f() == 1

    @skip
    @override_flag("shop.new-tax", True)
    def test_new(self):
        assert f() == 2


def test_inside(settings):
    with settings(), override_flag("shop.new-tax", active=True):
        assert f() == 2
    with override_flag("shop.new-tax", active=True):
        # why
        assert f() == 2
        # below
    with override_flag("shop.new-tax", active=False) as flag:
        assert flag
    with override_flag("shop.new-tax", active=False):
        assert f() == 1
