 ({list})
