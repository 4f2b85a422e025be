(
{condition}
)
