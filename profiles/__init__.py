"""Top floor: what people do with the record: accounts, researcher pages, trust, follows."""
