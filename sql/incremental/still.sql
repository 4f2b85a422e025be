SELECT true AS still
