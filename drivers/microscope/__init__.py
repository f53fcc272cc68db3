"""Digital microscopes: the contract and its drivers."""
