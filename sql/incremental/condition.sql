({condition}
)
