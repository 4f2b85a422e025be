{root}
