from flags import client


def test_f():
    with override_flag("shop.new-tax", True):
        assert f() == 1
