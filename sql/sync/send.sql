COPY ({list}) TO STDOUT
