"""A firm's products, and the options a licence of them may have."""

from __future__ import annotations

from typing import Any

import msgspec

from appliance.licences.item import ItemOptions, options_of
from appliance.licences.model import ProductItem

Value = int | str | tuple[str, ...] | None


class _Strict(ItemOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of which none is unknown."""


class Options(msgspec.Struct, frozen=True):
    """Product item options to set, by the names of `ItemOptions`; what is not named stays as it is.
    None removes an option."""

    values: dict[str, Value] = {}

    def __post_init__(self) -> None:
        """Raises ValueError for what is no option, or no value of one."""
        try:
            msgspec.convert(self.values, _Strict)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None

    @classmethod
    def of(cls, **values: Value) -> Options:
        """These options. Raises ValueError for one that there is not."""
        return cls(values)

    def applied_to(self, item: ProductItem) -> ProductItem:
        """The product item with these options."""
        changes: dict[str, Any] = self.values
        return msgspec.structs.replace(item, **changes)


class Product(ItemOptions, frozen=True, kw_only=True, omit_defaults=True):
    """A product of a firm: its code, and the options of its licences unless told otherwise."""

    product_code: int

    def item(self, tmr_id: int, options: Options) -> ProductItem:
        """A product item of this product."""
        made = ProductItem(product_code=self.product_code, tmr_id=tmr_id, **options_of(self))
        return options.applied_to(made)
