EXECUTE {removal};
