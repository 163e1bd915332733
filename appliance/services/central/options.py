"""A firm's products, and the options a licence of them may have."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from appliance.licences.model import ProductItem


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Product item options to set; what is UNSET stays as it is. None removes an option.

    `expires_at_s` is Unix time; the other units stand in the names.
    """

    text: str | UnsetType = UNSET
    quantity: int | UnsetType = UNSET
    expires_at_s: int | UnsetType | None = UNSET
    units: int | UnsetType | None = UNSET
    feature_map: int | UnsetType = UNSET
    lease_ttl_s: int | UnsetType = UNSET
    receipt_valid_s: int | UnsetType = UNSET
    certified_age_max_s: int | UnsetType | None = UNSET

    def chosen(self) -> dict[str, object]:
        """The options that are set, by name."""
        return {
            name: value
            for name, value in msgspec.structs.asdict(self).items()
            if value is not UNSET
        }

    def applied_to(self, item: ProductItem) -> ProductItem:
        """The product item with these options."""
        return msgspec.structs.replace(item, **self.chosen())


class Product(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A product of a firm: its code, and the options of its licences unless told otherwise."""

    product_code: int
    text: str = ""
    quantity: int = 1
    expires_at_s: int | None = None
    units: int | None = None
    feature_map: int = 0
    lease_ttl_s: int = 60
    receipt_valid_s: int = 600
    certified_age_max_s: int | None = None

    def item(self, tmr_id: int, options: Options) -> ProductItem:
        """A product item of this product."""
        return options.applied_to(ProductItem(tmr_id=tmr_id, **msgspec.structs.asdict(self)))
