VALUES {objects}
