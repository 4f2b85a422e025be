({list}) 
