"""Sealed secrets open with the right secret and purpose only."""

from __future__ import annotations

from learnhub.kernel.sealing import is_of_first, is_sealed, seal, unseal

OLD, NEW = ("old " * 10,), ("new " * 10, "old " * 10)


def test_what_is_sealed_opens_with_its_secret_and_purpose_only() -> None:
    kept = seal("密钥", purpose="a", secrets=OLD)
    assert is_sealed(kept)
    assert "密钥" not in kept
    assert unseal(kept, purpose="a", secrets=OLD) == "密钥"
    assert unseal(kept, purpose="b", secrets=OLD) is None
    assert unseal(kept, purpose="a", secrets=("other " * 9,)) is None
    assert unseal(kept[:-3] + "xxx", purpose="a", secrets=OLD) is None


def test_an_earlier_secret_opens_and_the_first_one_seals() -> None:
    kept = seal("x", purpose="a", secrets=OLD)
    assert unseal(kept, purpose="a", secrets=NEW) == "x"
    assert not is_of_first(kept, purpose="a", secrets=NEW)
    assert is_of_first(seal("x", purpose="a", secrets=NEW), purpose="a", secrets=NEW[:1])
    assert not is_of_first("JBSWY3DPEHPK3PXP", purpose="a", secrets=NEW)


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert seal("x", purpose="a", secrets=OLD) != seal("x", purpose="a", secrets=OLD)
