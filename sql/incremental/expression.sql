({expression}
)
